"""What a lot consists of: golden files, and properties that hold for every lot."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from parking.lot import ParkingLot
from parking.manifest import load_lot
from parking_operator.objects import Manifest, to_yaml
from parking_operator.render import render
from parking_operator.render.labels import COMPONENT_LABEL, component_of, owner_of
from parking_operator.site import Site
from tests.parking_operator.render.pod_templates import templates, violations
from tests.support.worlds import SITE, make_lot

GOLDEN = Path(__file__).parents[2] / "golden"
GATEWAY_KINDS = {"ServiceAccount", "NetworkPolicy", "ConfigMap", "Deployment", "Service"}
CASES = sorted(path.stem for path in (GOLDEN / "lots").glob("*.yaml"))

PLACES = {
    "elsewhere": dataclasses.replace(
        SITE, http_gateway="infra/edge", image_pull_secrets=("registry",), spark_driver_role="Role/spark-driver"
    )
}
"""Sites other than SITE, each with a golden file of the lot ``strimzi`` there."""

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
    assert_golden(case, golden_lot(case), SITE, request)


@pytest.mark.parametrize("place", PLACES)
def test_golden_elsewhere(place: str, request: pytest.FixtureRequest) -> None:
    assert_golden(f"strimzi-{place}", golden_lot("strimzi"), PLACES[place], request)


def assert_golden(name: str, lot: ParkingLot, site: Site, request: pytest.FixtureRequest) -> None:
    rendered = to_yaml(render(lot, site))
    golden = GOLDEN / f"{name}.yaml"
    if request.config.getoption("--update-golden"):
        golden.write_text(rendered)
    assert rendered == golden.read_text()


def golden_lot(case: str) -> ParkingLot:
    return load_lot(yaml.safe_load((GOLDEN / "lots" / f"{case}.yaml").read_text()))


@given(lots)
@settings(max_examples=25)  # writing YAML is slow
def test_rendering_twice_gives_the_same_bytes(lot: Any) -> None:
    assert to_yaml(render(lot, SITE)) == to_yaml(render(lot, SITE))


@given(lots)
def test_names_are_unique_and_every_mounted_config_map_is_rendered(lot: Any) -> None:
    manifests = render(lot, SITE)
    names = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(set(names)) == len(names)
    mounted = {v["configMap"]["name"] for one in templates(manifests) for v in one.spec["volumes"] if "configMap" in v}
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
    assert kinds[:3] == ["KafkaTopic"] * 3
    assert set(kinds[3:]) == GATEWAY_KINDS | {"PodDisruptionBudget"}


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


def test_one_gateway_needs_no_budget_and_an_autoscaled_one_no_number() -> None:
    one = render(make_lot(gateway={"replicas": 1}), SITE)
    assert {m["kind"] for m in one if m["metadata"]["name"] == "central-gateway"} == GATEWAY_KINDS
    scaled = render(make_lot(gateway={"replicas": 1, "maxReplicas": 5}), SITE)
    (autoscaler,) = of_kind(scaled, "HorizontalPodAutoscaler")
    assert (autoscaler["spec"]["minReplicas"], autoscaler["spec"]["maxReplicas"]) == (1, 5)
    assert "replicas" not in one_of(scaled, "Deployment", "central-gateway")["spec"]
    assert of_kind(scaled, "PodDisruptionBudget")


@pytest.mark.parametrize(("most", "scale"), [(1, 1), (2, 2), (100, 3)])
def test_where_there_is_no_room_nothing_is_scaled(most: int, scale: int) -> None:
    lot = make_lot(gateway={"replicas": 3, "maxReplicas": 3 if most == 100 else 9})
    manifests = render(lot, dataclasses.replace(SITE, max_gateway_replicas=most))
    assert one_of(manifests, "Deployment", "central-gateway")["spec"]["replicas"] == scale
    assert of_kind(manifests, "HorizontalPodAutoscaler") == []
    assert len(of_kind(manifests, "PodDisruptionBudget")) == (scale > 1)


def test_a_second_gateway_does_not_restart_the_first() -> None:
    one, two = (render(make_lot(gateway={"replicas": n}), SITE) for n in (1, 2))
    first, second = (one_of(m, "Deployment", "central-gateway")["spec"]["template"] for m in (one, two))
    assert first == second


def test_a_host_becomes_an_ingress_or_a_route() -> None:
    lot = make_lot(gateway={"host": "parking.example.org", "tlsSecretName": "tls"})
    (ingress,) = of_kind(render(lot, dataclasses.replace(SITE, ingress_class="nginx")), "Ingress")
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["tls"] == [{"hosts": ["parking.example.org"], "secretName": "tls"}]
    routed = render(lot, dataclasses.replace(SITE, http_gateway="infra/edge"))
    assert of_kind(routed, "Ingress") == []
    (route,) = of_kind(routed, "HTTPRoute")
    assert route["spec"]["parentRefs"] == [{"name": "edge", "namespace": "infra"}]


@given(lots)
def test_a_policy_picks_exactly_the_pods_of_its_component(lot: Any) -> None:
    manifests = render(lot, SITE)
    every = templates(manifests)
    policies = of_kind(manifests, "NetworkPolicy")
    for policy in policies:
        picked = [one for one in every if policy["spec"]["podSelector"]["matchLabels"].items() <= one.labels.items()]
        assert picked == [one for one in every if one.labels[COMPONENT_LABEL] == component_of(policy)]
        assert picked, "a policy for nobody"
    guarded = {component_of(policy) for policy in policies}
    assert guarded == {one.labels[COMPONENT_LABEL] for one in every}


@given(lots)
def test_every_pod_has_an_account_that_is_rendered_before_it(lot: Any) -> None:
    manifests = render(lot, SITE)
    accounts = {m["metadata"]["name"] for m in of_kind(manifests, "ServiceAccount")}
    assert accounts == {one.account for one in templates(manifests)}
    for manifest in manifests:
        for one in templates((manifest,)):
            place = next(
                n
                for n, m in enumerate(manifests)
                if (m["kind"], m["metadata"]["name"]) == ("ServiceAccount", one.account)
            )
            assert place < manifests.index(manifest)


@pytest.mark.parametrize("case", CASES)
def test_every_pod_is_restricted(case: str) -> None:
    every = templates(render(golden_lot(case), SITE))
    assert every
    assert [violation for one in every for violation in violations(one.spec)] == []


@pytest.mark.parametrize("case", CASES)
def test_only_the_spark_driver_may_speak_to_the_api_server(case: str) -> None:
    for one in templates(render(golden_lot(case), SITE)):
        assert one.spec["automountServiceAccountToken"] == (one.name == "driver")


@pytest.mark.parametrize("case", CASES)
def test_pods_say_whose_they_are_and_what_they_need(case: str) -> None:
    for one in templates(render(golden_lot(case), SITE)):
        assert one.labels["parking.dev/workload"] == one.workload
        for container in one.spec["containers"]:
            resources = container.get("resources")
            assert one.is_sparks or resources["requests"].keys() == {"cpu", "memory"}
            assert one.is_sparks or resources["limits"].keys() == {"memory"}, "a CPU limit would only slow it down"
            assert one.name == "executor" or {"readinessProbe", "livenessProbe"} <= container.keys()


def test_children_belong_to_their_lot_where_kubernetes_allows_it() -> None:
    lot = make_lot(kafka={"cluster": {"name": "main", "namespace": "kafka"}})
    owned = lot.model_copy(update={"metadata": lot.metadata.model_copy(update={"uid": "u-1"})})
    for manifest in render(owned, SITE):
        owners = manifest["metadata"].get("ownerReferences", [])
        assert [owner["uid"] for owner in owners] == (["u-1"] if manifest["kind"] != "KafkaTopic" else [])
        assert owner_of(manifest) == ("default", "central")


def test_the_longest_names_fit() -> None:
    long = {"raw": "r" * 249, "processed": "r" * 248 + "p", "quarantine": "r" * 248 + "q"}
    cluster = {"name": "main", "namespace": "kafka"}
    lot = make_lot(name="l" * 40, namespace="n" * 63, topics=long, kafka={"cluster": cluster})
    names = [m["metadata"]["name"] for m in of_kind(render(lot, SITE), "KafkaTopic")]
    assert len(set(names)) == 3
    assert max(map(len, names)) <= 253
    others = [m["metadata"]["name"] for m in render(lot, SITE) if m["kind"] != "KafkaTopic"]
    assert max(map(len, others)) <= 63, "names of Services and values of labels"


def one_of(manifests: tuple[Manifest, ...], kind: str, name: str) -> Manifest:
    (found,) = [m for m in of_kind(manifests, kind) if m["metadata"]["name"] == name]
    return found


def of_kind(manifests: tuple[Manifest, ...], kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def job_bytes(lot: Any) -> str:
    return to_yaml(m for m in render(lot, SITE) if m["metadata"]["name"].startswith(f"{lot.name}-sessions"))
