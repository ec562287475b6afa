"""What a lot consists of: golden files, and properties that hold for every lot."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from parking.manifest import load_lot
from parking_operator.objects import Manifest, to_yaml
from parking_operator.render import render
from tests.support.worlds import SITE, make_lot

GOLDEN = Path(__file__).parents[2] / "golden"
CASES = sorted(path.stem for path in (GOLDEN / "lots").glob("*.yaml"))

lots = st.builds(
    make_lot,
    cameras=st.fixed_dictionaries(
        {
            "count": st.integers(1, 20),
            "camerasPerPod": st.integers(1, 25),
            "seed": st.integers(0, 99),
            "source": st.sampled_from(["Simulated", "External"]),
        }
    ),
    sessions=st.fixed_dictionaries(
        {
            "engine": st.sampled_from(["Spark", "Embedded"]),
            "processes": st.integers(1, 6),
            "shards": st.integers(1, 16),
            "timeoutSeconds": st.integers(3, 90),
        }
    ),
    suspend=st.booleans(),
)


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, request: pytest.FixtureRequest) -> None:
    rendered = to_yaml(render(load_lot(yaml.safe_load((GOLDEN / "lots" / f"{case}.yaml").read_text())), SITE))
    golden = GOLDEN / f"{case}.yaml"
    if request.config.getoption("--update-golden"):
        golden.write_text(rendered)
    assert rendered == golden.read_text()


@given(lots)
@settings(max_examples=25)  # writing YAML is slow
def test_rendering_twice_gives_the_same_bytes(lot: Any) -> None:
    assert to_yaml(render(lot, SITE)) == to_yaml(render(lot, SITE))


@given(lots)
def test_names_are_unique_and_every_mounted_config_map_is_rendered(lot: Any) -> None:
    manifests = render(lot, SITE)
    names = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(set(names)) == len(names)
    mounted = {v["configMap"]["name"] for m in of_kind(manifests, "Deployment") for v in volumes(m) if "configMap" in v}
    mounted |= {c["name"] for m in of_kind(manifests, "SparkApplication") for c in m["spec"]["driver"]["configMaps"]}
    assert mounted == {m["metadata"]["name"] for m in of_kind(manifests, "ConfigMap")}


@given(lots, lots)
@settings(max_examples=25)
def test_an_edit_of_the_cameras_leaves_the_job_alone(one: Any, other: Any) -> None:
    edited = one.model_copy(update={"spec": one.spec.model_copy(update={"cameras": other.spec.cameras})})
    assert job_bytes(one) == job_bytes(edited)


@given(lots)
def test_no_deployment_picks_the_pods_of_another(lot: Any) -> None:
    specs = [m["spec"] for m in of_kind(render(lot, SITE), "Deployment")]
    for spec in specs:
        picked = spec["selector"]["matchLabels"].items()
        assert sum(picked <= other["template"]["metadata"]["labels"].items() for other in specs) == 1


def test_the_embedded_engine_is_a_deployment_for_each_process() -> None:
    manifests = render(make_lot(sessions={"engine": "Embedded", "processes": 3}), SITE)
    assert of_kind(manifests, "SparkApplication") == []
    processes = [m for m in of_kind(manifests, "Deployment") if "-sessions-" in m["metadata"]["name"]]
    assert [m["metadata"]["name"] for m in processes] == [f"central-sessions-{n}" for n in (1, 2, 3)]
    for process in processes:
        spec = process["spec"]
        assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate"), "never two of one name"
        args = spec["template"]["spec"]["containers"][0]["args"]
        assert args[-2:] == ["--instance", process["metadata"]["name"]]


def test_more_or_fewer_processes_leave_the_others_alone() -> None:
    three, two = (render(make_lot(sessions={"engine": "Embedded", "processes": n}), SITE) for n in (3, 2))
    assert [m for m in two if m not in three] == []
    assert {m["metadata"]["name"] for m in three if m not in two} == {"central-sessions-3"}


def test_one_more_camera_leaves_other_groups_alone() -> None:
    before, after = (make_lot(cameras={"count": n, "camerasPerPod": 4}) for n in (8, 9))
    changed = {m["metadata"]["name"] for m in render(after, SITE) if m not in render(before, SITE)}
    assert changed <= {"central-cameras-1", "central-cameras-2", "central-cameras-3"}
    assert len(changed) == 2, "the group that gave bays away, and the new one"


def test_the_last_cameras_are_the_silent_ones() -> None:
    lot = make_lot(cameras={"count": 3, "camerasPerPod": 1, "faults": {"silentCameras": 2}})
    documents = [yaml.safe_load(m["data"]["document.json"]) for m in of_kind(render(lot, SITE), "ConfigMap")]
    cameras = {c["cameraId"]: c["silent"] for d in documents for c in d.get("cameras", ())}
    assert cameras == {"cam-01": False, "cam-02": True, "cam-03": True}


def test_a_suspended_lot_keeps_topics_and_gateway() -> None:
    kinds = [m["kind"] for m in render(make_lot(suspend=True), SITE)]
    assert kinds == ["KafkaTopic"] * 3 + ["ConfigMap", "Deployment", "Service"]


def test_topics_spelled_as_no_object_may_be_get_names_of_their_own() -> None:
    lot = make_lot(topics={"raw": "Raw_Data", "processed": "raw.data", "quarantine": "raw-data"})
    names = [m["metadata"]["name"] for m in of_kind(render(lot, SITE), "KafkaTopic")]
    assert len(set(names)) == 3
    assert all(name.startswith("central-raw-data") for name in names)


def test_a_large_lot_fits_into_a_config_map() -> None:
    lot = make_lot(
        layout={"rows": {"ABCDEFGHIJ"[n]: 9_999 for n in range(10)}}, cameras={"count": 100, "camerasPerPod": 25}
    )
    for manifest in of_kind(render(lot, SITE), "ConfigMap"):
        assert len(manifest["data"]["document.json"]) < 1024 * 1024, manifest["metadata"]["name"]


def of_kind(manifests: tuple[Manifest, ...], kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def volumes(deployment: Manifest) -> list[dict[str, Any]]:
    return deployment["spec"]["template"]["spec"]["volumes"]


def job_bytes(lot: Any) -> str:
    return to_yaml(m for m in render(lot, SITE) if m["metadata"]["name"].startswith(f"{lot.name}-sessions"))
