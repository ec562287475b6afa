"""A lot's life under the operator: it is created, edited, hurt, suspended and deleted."""

import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
import yaml

from parking_operator.objects import Manifest, Ref
from parking_operator.topic_admin import TopicAdmin
from tests.cluster.conftest import Surroundings
from tests.parking_operator.render.test_render import CASES, GOLDEN
from tests.support.cluster.binaries import program
from tests.support.cluster.lots import LotInCluster, versions
from tests.support.cluster.operator import OperatorProcess
from tests.support.cluster.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.broker]

MakeLot = Callable[..., LotInCluster]
READY = {"TopicsReady", "SessionJobReady", "CamerasReady", "GatewayReady", "Ready"}
STRIMZI = {"kafka": {"cluster": {"name": "main", "namespace": "default"}, "replicas": 1}}
SPARK = Ref("sparkoperator.k8s.io/v1beta2", "SparkApplication", "", "central-sessions")


def spark_of(lot: LotInCluster) -> Manifest:
    return lot.children()[Ref(SPARK.api_version, SPARK.kind, lot.namespace, SPARK.name)]


@pytest.mark.parametrize("topics_by", [{}, STRIMZI], ids=["admin client", "Strimzi"])
def test_a_new_lot_gets_all_its_children_and_ready(
    make_lot: MakeLot, topics_by: Mapping[str, Any], kafka_topics: Any
) -> None:
    lot = make_lot(**topics_by)
    lot.wait_for("Ready")
    assert lot.differences() == []
    assert {kind: told[0] for kind, told in lot.conditions().items()} == dict.fromkeys(READY, "True")
    assert set(kafka_topics(lot)) == {f"{lot.namespace}-central-{name}" for name in ("raw", "processed", "quarantine")}
    status = (lot.body() or {})["status"]
    assert status["bays"] == 20
    assert status["cameras"]["replicas"] == 1
    assert status["gateway"]["url"] == f"http://central-gateway.{lot.namespace}.svc:5000"
    assert ("Normal", "Ready") in lot.events()


@pytest.mark.parametrize("case", CASES)
def test_the_golden_lots_are_made_as_the_local_world_makes_them(make_lot: MakeLot, case: str) -> None:
    spec = yaml.safe_load((GOLDEN / "lots" / f"{case}.yaml").read_text())["spec"]
    spec.pop("topics", None)
    spec.setdefault("kafka", {}).pop("bootstrapServers", None)
    spec["kafka"] |= {"replicas": 1} | ({"cluster": STRIMZI["kafka"]["cluster"]} if "cluster" in spec["kafka"] else {})
    lot = make_lot(**spec)
    lot.wait_for("Suspended" if spec.get("suspend") else "Ready")
    assert lot.differences() == []


def test_what_is_in_line_is_left_alone(
    make_lot: MakeLot, surroundings: Surroundings, operator: OperatorProcess
) -> None:
    lot = make_lot()
    lot.wait_for("Ready")
    operator.wait_until_quiet()
    before, mark = versions(lot.children()), surroundings.plane.audit_mark()
    passes = operator.metric("parking_operator_reconcile_total")
    surroundings.plane.api.merge(lot._manifest({}), {"metadata": {"annotations": {"look": "again"}}})
    eventually(lambda: operator.metric("parking_operator_reconcile_total") > passes)
    operator.wait_until_quiet()
    ours = [r for r in surroundings.plane.requests_since(mark) if r.user_agent == "parking-operator" and r.writes]
    assert ours == []
    assert versions(lot.children()) == before


EDITS: list[tuple[str, dict[str, Any]]] = [
    ("layout", {"layout": {"rows": {"C": 3}}}),
    ("cameras.count", {"cameras": {"count": 9}}),
    ("cameras.source", {"cameras": {"source": "External"}}),
    ("cameras.eventInterval", {"cameras": {"eventInterval": "1s"}}),
    ("cameras.exitInterval", {"cameras": {"exitInterval": "10s"}}),
    ("cameras.camerasPerPod", {"cameras": {"count": 4, "camerasPerPod": 1}}),
    ("cameras.seed", {"cameras": {"seed": 7}}),
    ("cameras.durationMinutes", {"cameras": {"durationMinutes": 5}}),
    ("cameras.faults", {"cameras": {"faults": {"duplicates": 0.5}}}),
    ("tariff", {"tariff": {"currency": "EUR", "blockPrice": 3, "blockSeconds": 60}}),
    ("sessions.engine", {"sessions": {"engine": "Embedded"}}),
    ("sessions.processes", {"sessions": {"engine": "Embedded", "processes": 3}}),
    ("sessions.delivery", {"sessions": {"engine": "Embedded", "delivery": "AtLeastOnce"}}),
    ("sessions.timeoutSeconds", {"sessions": {"timeoutSeconds": 77}}),
    ("sessions.maxClockSkewSeconds", {"sessions": {"maxClockSkewSeconds": 9}}),
    ("sessions.trigger", {"sessions": {"trigger": "2s"}}),
    ("sessions.maxEventsPerTrigger", {"sessions": {"maxEventsPerTrigger": 500}}),
    ("sessions.driver", {"sessions": {"driver": {"cores": 2, "memory": "2g"}}}),
    ("sessions.executors", {"sessions": {"executors": {"instances": 3}}}),
    ("sessions.checkpoint.location", {"sessions": {"checkpoint": {"location": "s3a://elsewhere"}}}),
    ("sessions.checkpoint.claimName", {"sessions": {"checkpoint": {"location": None, "claimName": "shared"}}}),
    ("kafka.partitions", {"kafka": {"partitions": 8}}),
    ("kafka.retention", {"kafka": {"retention": "2d"}}),
    ("topics.raw", {"topics": {"raw": "another-raw-of-{namespace}"}}),
    ("gateway.replicas", {"gateway": {"replicas": 3}}),
    ("gateway.maxReplicas", {"gateway": {"maxReplicas": 5}}),
    ("kafka.bootstrapServers", {"kafka": {"bootstrapServers": "{brokers}"}}),
    ("deletionPolicy", {"deletionPolicy": "Delete"}),
    ("gateway.host", {"gateway": {"host": "parking.example.org", "tlsSecretName": "tls"}}),
]


def test_every_field_can_be_edited(make_lot: MakeLot, surroundings: Surroundings) -> None:
    """One edit after the other, each from where the last one left the lot; engines change there and back."""
    lot = make_lot(kafka={"replicas": 1})
    lot.wait_for("Ready")
    for field, edit in EDITS:
        brokers = surroundings.kafka.replace("127.0.0.1", "localhost")  # the same by another name
        text = yaml.safe_dump(edit).replace("{namespace}", lot.namespace).replace("{brokers}", brokers)
        lot.edit(**yaml.safe_load(text))
        lot.wait_for("Ready")
        assert lot.differences() == [], field
    lot.edit(sessions={"engine": "Spark"})
    lot.wait_for("Ready")
    assert lot.differences() == []


@pytest.mark.parametrize(
    "edit",
    [{"cameras": {"count": 9}}, {"gateway": {"replicas": 5}}, {"kafka": {"retention": "1d"}}],
    ids=["cameras", "gateway", "retention"],
)
def test_an_edit_of_others_changes_no_byte_of_the_spark_application(
    make_lot: MakeLot, surroundings: Surroundings, operator: OperatorProcess, edit: dict[str, Any]
) -> None:
    lot = make_lot(kafka={"replicas": 1})
    lot.wait_for("Ready")
    operator.wait_until_quiet()
    before = spark_of(lot)
    lot.edit(**edit)
    lot.wait_for("Ready")
    lot.wait_until_in_line()
    operator.wait_until_quiet()
    assert spark_of(lot) == before, "not even its resourceVersion"
    assert surroundings.spark.submissions[lot.namespace, SPARK.name] == 1


def test_an_edit_of_the_job_resubmits_it_once(make_lot: MakeLot, surroundings: Surroundings) -> None:
    lot = make_lot()
    lot.wait_for("Ready")
    lot.edit(tariff={"blockPrice": 5})
    eventually(lambda: surroundings.spark.submissions[lot.namespace, SPARK.name] == 2)
    lot.wait_for("Ready")
    assert surroundings.spark.submissions[lot.namespace, SPARK.name] == 2


def test_kubectl_scale_scales_the_cameras(make_lot: MakeLot, surroundings: Surroundings) -> None:
    lot = make_lot(cameras={"count": 2, "camerasPerPod": 2})
    lot.wait_for("Ready")
    argv = [str(program("kubectl")), "--kubeconfig", str(surroundings.plane.kubeconfig), "-n", lot.namespace]
    subprocess.run([*argv, "scale", "lot/central", "--replicas=5"], check=True, capture_output=True)
    lot.wait_for("Ready")
    lot.wait_until_in_line()
    assert {ref.name for ref in lot.children() if ref.kind == "Deployment"} >= {
        f"central-cameras-{n}" for n in (1, 2, 3)
    }
    shown = subprocess.run([*argv, "get", "lots"], check=True, capture_output=True, text=True).stdout
    header, row = shown.splitlines()
    assert header.split() == ["NAME", "CAMERAS", "BAYS", "READY", "REASON", "URL", "AGE"]
    assert row.split()[:5] == ["central", "5", "20", "True", "Ready"]


def test_suspend_stops_cameras_and_job_and_keeps_the_rest(make_lot: MakeLot, kafka_topics: Any) -> None:
    lot = make_lot()
    lot.wait_for("Ready")
    lot.edit(suspend=True)
    lot.wait_for("Suspended")
    lot.wait_until_in_line()
    assert {ref.name for ref in lot.children() if ref.kind in {"Deployment", "SparkApplication"}} == {"central-gateway"}
    assert len(kafka_topics(lot)) == 3
    lot.edit(suspend=None)
    lot.wait_for("Ready")
    assert lot.differences() == []


DRIFTING = [
    ("v1", "ConfigMap", "central-gateway", {"data": {"document.json": "{}"}}),
    ("apps/v1", "Deployment", "central-gateway", {"spec": {"replicas": 7}}),
    ("apps/v1", "Deployment", "central-cameras-1", {"metadata": {"annotations": {"parking.dev/rendered-hash": "x"}}}),
    ("v1", "Service", "central-gateway", {"spec": {"selector": {"app.kubernetes.io/instance": "other"}}}),
    ("v1", "ServiceAccount", "central-gateway", {"automountServiceAccountToken": True}),
    ("policy/v1", "PodDisruptionBudget", "central-gateway", {"spec": {"maxUnavailable": 2}}),
    ("networking.k8s.io/v1", "NetworkPolicy", "central-sessions", {"spec": {"ingress": []}}),
    ("networking.k8s.io/v1", "Ingress", "central-gateway", {"spec": {"rules": [{"host": "evil.example.org"}]}}),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "central-gateway", {"spec": {"maxReplicas": 50}}),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "central-sessions", {"subjects": []}),
    ("v1", "PersistentVolumeClaim", "central-sessions-checkpoint", {"metadata": {"ownerReferences": None}}),
    ("sparkoperator.k8s.io/v1beta2", "SparkApplication", "central-sessions", {"spec": {"image": "evil"}}),
    ("kafka.strimzi.io/v1", "KafkaTopic", "{namespace}-central-{namespace}-central-raw", {"spec": {"partitions": 9}}),
]


def has_come_back(lot: LotInCluster, ref: Ref, old: str) -> bool:
    now = lot.children().get(ref)
    return now is not None and now["metadata"]["uid"] != old


def test_whatever_is_changed_or_deleted_by_hand_comes_back(make_lot: MakeLot, surroundings: Surroundings) -> None:
    api = surroundings.plane.api
    lot = make_lot(gateway={"maxReplicas": 4, "host": "parking.example.org"}, **STRIMZI)
    lot.wait_for("Ready")
    kinds = {ref.kind for ref in lot.children()}
    assert kinds == {kind for _, kind, _, _ in DRIFTING}, "every kind is tried"
    for api_version, kind, pattern, change in DRIFTING:
        name = pattern.replace("{namespace}", lot.namespace)
        namespace = "default" if kind == "KafkaTopic" else lot.namespace
        if (kind, name) != ("Deployment", "central-gateway"):  # its number is the autoscaler's
            target = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}}
            api.merge(target, change)
            lot.wait_until_in_line()
        ref = Ref(api_version, kind, namespace, name)
        old = lot.children()[ref]["metadata"]["uid"]
        api.delete(api_version, kind, namespace, name)
        eventually(partial(has_come_back, lot, ref, old), what=f"{ref} does not come back")
    lot.wait_for("Ready")
    assert lot.differences() == []


def test_a_label_taken_off_by_hand_comes_back(make_lot: MakeLot, surroundings: Surroundings) -> None:
    lot = make_lot()
    lot.wait_for("Ready")
    target = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "central-gateway", "namespace": lot.namespace},
    }
    surroundings.plane.api.merge(target, {"metadata": {"labels": {"app.kubernetes.io/managed-by": None}}})
    lot.wait_until_in_line()


def test_an_autoscaled_number_is_left_alone(
    make_lot: MakeLot, surroundings: Surroundings, operator: OperatorProcess
) -> None:
    lot = make_lot(gateway={"replicas": 1, "maxReplicas": 4})
    lot.wait_for("Ready")
    target = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "central-gateway", "namespace": lot.namespace},
    }
    surroundings.plane.api.merge(target, {"spec": {"replicas": 3}})
    ref = Ref("apps/v1", "Deployment", lot.namespace, "central-gateway")
    eventually(lambda: lot.children()[ref].get("status", {}).get("readyReplicas") == 3)
    operator.wait_until_quiet()
    assert lot.children()[ref]["spec"]["replicas"] == 3
    assert lot.differences() == []


def test_a_foreign_object_of_a_childs_name_is_not_taken_over(surroundings: Surroundings, make_lot: MakeLot) -> None:
    namespace = surroundings.plane.namespace("lot")
    spec = {"selector": {"app": "mine"}, "ports": [{"name": "http", "port": 80}]}
    metadata = {"name": "central-gateway", "namespace": namespace}
    surroundings.plane.api.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
    lot = make_lot(namespace=namespace)
    told = lot.wait_for("NotApplied", condition="GatewayReady", message="Service central-gateway")
    assert "conflict" in told
    assert "parking-tests" in told, "its manager is named"
    mine = surroundings.plane.api.get("v1", "Service", namespace, "central-gateway") or {}
    assert mine["spec"]["selector"] == {"app": "mine"}
    surroundings.plane.api.delete("v1", "Service", namespace, "central-gateway")
    lot.wait_for("Ready", timeout=90)


def test_a_pod_that_cannot_start_is_told_in_its_own_words(make_lot: MakeLot, surroundings: Surroundings) -> None:
    surroundings.kubelet.hold("held-gateway", "ImagePullBackOff", "no such image")
    try:
        lot = make_lot("held")
        message = lot.wait_for("Failing", condition="GatewayReady")
        assert "Deployment held-gateway: 0 of 2 ready" in message
        assert "ImagePullBackOff (no such image)" in message
        lot.wait_for("Failing")
        assert ("Warning", "Failing") in lot.events()
    finally:
        surroundings.kubelet.release("held-gateway")
    lot.wait_for("Ready")


def test_a_failed_spark_application_is_told_in_its_own_words(make_lot: MakeLot, surroundings: Surroundings) -> None:
    lot = make_lot()
    lot.wait_for("Ready")
    surroundings.spark.fail(lot.namespace, SPARK.name, "java.lang.OutOfMemoryError")
    message = lot.wait_for("Failing", condition="SessionJobReady")
    assert message == "SparkApplication central-sessions: FAILED: java.lang.OutOfMemoryError"
    surroundings.spark.recover(lot.namespace, SPARK.name)
    lot.wait_for("Ready")


@pytest.mark.parametrize("engine", ["Spark", "Embedded"])
def test_a_stream_that_stands_still_is_not_ready(make_lot: MakeLot, surroundings: Surroundings, engine: str) -> None:
    name = f"still-{engine.lower()}"
    lot = make_lot(name, sessions={"engine": engine})
    lot.wait_for("Ready")
    time.sleep(1.1)  # Kubernetes' times are whole seconds: a second later it has been ready for a while
    surroundings.kubelet.stall(f"{name}-sessions")
    try:
        assert "no longer makes progress" in lot.wait_for("Stalled", condition="SessionJobReady")
        lot.wait_for("Stalled")
    finally:
        surroundings.kubelet.release(f"{name}-sessions")
    lot.wait_for("Ready")


def test_a_spec_that_contradicts_itself_is_told_and_the_lot_runs_on(make_lot: MakeLot) -> None:
    lot = make_lot(layout={"bays": ["A1", "A2"]})
    lot.wait_for("Ready")
    before = versions(lot.children())
    lot.edit(layout={"bays": ["A1", "A1"]})
    message = lot.wait_for("Invalid")
    assert "spec.layout: 'A1' is not allowed; every bay should have a name of its own" in message
    assert versions(lot.children()) == before
    lot.edit(layout={"bays": ["A1", "A2"]})
    lot.wait_for("Ready")


def test_a_shrunk_layout_restarts_who_depends_on_it(make_lot: MakeLot, surroundings: Surroundings) -> None:
    lot = make_lot()
    lot.wait_for("Ready")
    lot.edit(layout={"rows": {"B": None, "A": 4}})
    eventually(lambda: surroundings.spark.submissions[lot.namespace, SPARK.name] == 2)
    lot.wait_for("Ready")
    assert lot.differences() == []
    assert (lot.body() or {})["status"]["bays"] == 4


def test_of_two_lots_with_one_topic_the_younger_touches_nothing(make_lot: MakeLot, surroundings: Surroundings) -> None:
    older = make_lot("older")
    older.wait_for("Ready")
    time.sleep(1.1)  # ages are whole seconds
    taken = older.read().spec.topics.raw
    own = {"raw": taken, "processed": f"{older.namespace}-p", "quarantine": f"{older.namespace}-q"}
    younger = make_lot("younger", namespace=older.namespace, topics=own, deletionPolicy="Delete")
    message = younger.wait_for("Conflict")
    assert f"topic {taken} belongs to ParkingLot {older.namespace}/older" in message
    assert younger.children() == {}
    eventually(lambda: ("Warning", "Conflict") in younger.events())  # told a moment after the status
    younger.delete()
    younger.wait_until_gone()
    assert taken in TopicAdmin(surroundings.kafka).observe([taken]), "another lot's topic outlives it"
    again = make_lot("younger", namespace=older.namespace, topics=own)
    again.wait_for("Conflict")
    older.delete()
    older.wait_until_gone()
    again.wait_for("Ready")


@pytest.fixture
def kafka_topics(surroundings: Surroundings) -> Callable[[LotInCluster], dict[str, Any]]:
    """Tell which of a lot's topics the broker has."""
    admin = TopicAdmin(surroundings.kafka)

    def found(lot: LotInCluster) -> dict[str, Any]:
        topics = lot.read().spec.topics
        return admin.observe([topics.raw, topics.processed, topics.quarantine])

    return found
