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
from parking_operator.site import Claim, Site
from tests.parking_operator.render.pod_templates import templates, violations
from tests.support.worlds import CLAIMING, SITE, make_lot

GOLDEN = Path(__file__).parents[2] / "golden"
GATEWAY_KINDS = {"ServiceAccount", "NetworkPolicy", "ConfigMap", "Deployment", "Service"}
CASES = sorted(path.stem for path in (GOLDEN / "lots").glob("*.yaml"))

PLACES = {
    "strimzi-elsewhere": dataclasses.replace(
        SITE, http_gateway="infra/edge", image_pull_secrets=("registry",), spark_driver_role="Role/spark-driver"
    ),
    "owned-claiming": dataclasses.replace(CLAIMING, checkpoint_claim=Claim(storage_class="files")),
}
"""Sites other than SITE, by the golden file of a lot there; its name begins with the lot's."""

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
    assert_golden(place, golden_lot(place.partition("-")[0]), PLACES[place], request)


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


CHECKPOINTS: list[tuple[dict[str, Any], Site, str, str | None, bool]] = [
    ({}, SITE, "s3a://parking/default/central/sessions", None, False),
    ({}, CLAIMING, "/var/lib/parking/checkpoint/sessions", "central-sessions-checkpoint", True),
    ({"location": "s3a://mine"}, CLAIMING, "s3a://mine", None, False),
    ({"claimName": "ours"}, CLAIMING, "/var/lib/parking/checkpoint/default/central/sessions", "ours", False),
    ({"claimName": "ours"}, SITE, "/var/lib/parking/checkpoint/default/central/sessions", "ours", False),
]


@pytest.mark.parametrize(("asked", "site", "folder", "claim", "made"), CHECKPOINTS)
def test_driver_and_executors_reach_one_checkpoint(
    asked: dict[str, Any], site: Site, folder: str, claim: str | None, made: bool
) -> None:
    manifests = render(make_lot(sessions={"checkpoint": asked}), site)
    document = one_of(manifests, "ConfigMap", "central-sessions")["data"]["document.json"]
    assert yaml.safe_load(document)["checkpoint"] == folder
    assert [m["metadata"]["name"] for m in of_kind(manifests, "PersistentVolumeClaim")] == ([claim] if made else [])
    for pod in (one for one in templates(manifests) if one.is_sparks):
        (container,) = pod.spec["containers"]
        paths = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        volumes = [v for v in pod.spec["volumes"] if "persistentVolumeClaim" in v]
        assert [v["persistentVolumeClaim"]["claimName"] for v in volumes] == ([claim] if claim else [])
        assert all(folder.startswith(f"{paths[v['name']]}/") for v in volumes)


def test_the_embedded_engine_has_no_checkpoint_and_no_claim() -> None:
    for site in (SITE, CLAIMING):
        manifests = render(make_lot(sessions={"engine": "Embedded", "checkpoint": {"claimName": "ours"}}), site)
        document = one_of(manifests, "ConfigMap", "central-sessions-1")["data"]["document.json"]
        assert yaml.safe_load(document)["checkpoint"] == ""
        assert "PersistentVolumeClaim" not in to_yaml(manifests)
        assert "ours" not in to_yaml(manifests)


def test_the_clusters_default_class_is_asked_for_by_none() -> None:
    (claim,) = of_kind(render(make_lot(), CLAIMING), "PersistentVolumeClaim")
    assert claim["spec"] == {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}


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


@pytest.mark.parametrize("namespace", ["kafka", "default"])
def test_children_belong_to_their_lot_but_for_topics_whose_records_would_go(namespace: str) -> None:
    lot = make_lot(kafka={"cluster": {"name": "main", "namespace": namespace}})
    owned = lot.model_copy(update={"metadata": lot.metadata.model_copy(update={"uid": "u-1"})})
    for manifest in render(owned, SITE):
        owners = manifest["metadata"].get("ownerReferences", [])
        assert [owner["uid"] for owner in owners] == (["u-1"] if manifest["kind"] != "KafkaTopic" else [])
        assert owner_of(manifest) == ("default", "central")


def test_spark_keeps_as_much_cpu_free_as_is_said() -> None:
    sessions = {"driver": {"coreRequest": "250m"}, "executors": {"cores": 2}}
    (application,) = of_kind(render(make_lot(sessions=sessions), SITE), "SparkApplication")
    assert application["spec"]["driver"]["coreRequest"] == "250m"
    assert "coreRequest" not in application["spec"]["executor"], "Spark then asks for its cores"


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
