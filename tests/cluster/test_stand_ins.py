"""The stand-ins do what those do whose part they play."""

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from parking_operator.topic_admin import TopicAdmin
from tests.support.cluster.api import Api, Manifest
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.stand_in_kubelet import StandInKubelet
from tests.support.cluster.stand_in_spark_operator import StandInSparkOperator
from tests.support.cluster.stand_in_topic_operator import StandInTopicOperator
from tests.support.cluster.waiting import eventually

pytestmark = pytest.mark.cluster

SPARK = "sparkoperator.k8s.io/v1beta2"
STRIMZI = "kafka.strimzi.io/v1"


@pytest.fixture
def api(control_plane: ControlPlane) -> Api:
    return control_plane.api


@pytest.fixture
def namespace(control_plane: ControlPlane) -> str:
    return control_plane.namespace()


@pytest.fixture
def kubelet(api: Api) -> Iterator[StandInKubelet]:
    with StandInKubelet(api) as running:
        yield running


def _deployment(namespace: str, name: str, replicas: int) -> Manifest:
    labels = {"app": name}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "none"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pod},
    }


def _ready_replicas(api: Api, namespace: str, name: str) -> int:
    found = api.get("apps/v1", "Deployment", namespace, name) or {}
    ready: int = found.get("status", {}).get("readyReplicas", 0)
    return ready


def test_pods_of_a_deployment_get_ready_hang_and_stall(api: Api, namespace: str, kubelet: StandInKubelet) -> None:
    kubelet.hold("stuck-", "ImagePullBackOff", "no such image")
    api.apply(_deployment(namespace, "web", 2))
    api.apply(_deployment(namespace, "stuck", 1))
    eventually(lambda: _ready_replicas(api, namespace, "web") == 2)
    (pod,) = eventually(lambda: api.list("v1", "Pod", namespace, labels="app=stuck"))
    eventually(lambda: _waiting(api, namespace, "stuck") == {"reason": "ImagePullBackOff", "message": "no such image"})
    kubelet.release("stuck-")
    eventually(lambda: _ready_replicas(api, namespace, "stuck") == 1)
    kubelet.stall(pod["metadata"]["name"])
    eventually(lambda: _ready_replicas(api, namespace, "stuck") == 0)
    api.delete("apps/v1", "Deployment", namespace, "web")
    eventually(lambda: not api.list("v1", "Pod", namespace, labels="app=web"))


def _waiting(api: Api, namespace: str, app: str) -> Any:
    (pod,) = api.list("v1", "Pod", namespace, labels=f"app={app}")
    (container,) = pod["status"].get("containerStatuses", [{}])
    return container.get("state", {}).get("waiting")


def test_stand_ins_outlive_an_outage_of_the_api_server(
    control_plane: ControlPlane, namespace: str, kubelet: StandInKubelet
) -> None:
    api = control_plane.api
    api.apply(_deployment(namespace, "web", 1))
    eventually(lambda: _ready_replicas(api, namespace, "web") == 1)
    control_plane.stop_api_server()
    control_plane.start_api_server()
    api.apply(_deployment(namespace, "web", 3))
    eventually(lambda: _ready_replicas(api, namespace, "web") == 3)


def _application(namespace: str, **driver: Any) -> Manifest:
    spec = {"type": "Python", "mode": "cluster", "sparkVersion": "4.0.4", "image": "jobs:1"}
    return {
        "apiVersion": SPARK,
        "kind": "SparkApplication",
        "metadata": {"name": "sessions", "namespace": namespace},
        "spec": spec | {"mainApplicationFile": "local:///job.py", "driver": driver, "executor": {"instances": 1}},
    }


def _state(api: Api, namespace: str) -> str:
    found = api.get(SPARK, "SparkApplication", namespace, "sessions") or {}
    state: str = found.get("status", {}).get("applicationState", {}).get("state", "")
    return state


def test_a_spark_application_runs_is_resubmitted_fails_and_ends(
    api: Api, namespace: str, kubelet: StandInKubelet
) -> None:
    key = namespace, "sessions"
    with StandInSparkOperator(api) as spark:
        api.apply(_application(namespace, labels={"colour": "red"}))
        eventually(lambda: _state(api, namespace) == "RUNNING")
        pod = api.get("v1", "Pod", namespace, "sessions-driver")
        assert pod is not None
        expected = {"colour": "red", "spark-role": "driver", "sparkoperator.k8s.io/app-name": "sessions"}
        assert pod["metadata"]["labels"] == expected
        api.apply(_application(namespace, labels={"colour": "blue"}))
        eventually(lambda: spark.submissions[key] == 2 and _state(api, namespace) == "RUNNING")
        spark.fail(*key, "driver container failed with ExitCode: 1")
        eventually(lambda: _state(api, namespace) == "FAILED")
        found = api.get(SPARK, "SparkApplication", namespace, "sessions")
        assert found is not None
        assert found["status"]["applicationState"]["errorMessage"] == "driver container failed with ExitCode: 1"
        spark.recover(*key)
        eventually(lambda: _state(api, namespace) == "RUNNING")
        assert spark.submissions[key] == 3
        api.delete(SPARK, "SparkApplication", namespace, "sessions")
        eventually(lambda: api.get("v1", "Pod", namespace, "sessions-driver") is None)


def test_an_unchanged_application_is_not_submitted_again(api: Api, namespace: str, kubelet: StandInKubelet) -> None:
    with StandInSparkOperator(api):
        api.apply(_application(namespace))
        eventually(lambda: _state(api, namespace) == "RUNNING")
    with StandInSparkOperator(api) as restarted:
        api.apply(_application(namespace) | {"spec": _application(namespace)["spec"]})
        api.apply(_deployment(namespace, "marker", 1))
        eventually(lambda: _ready_replicas(api, namespace, "marker") == 1)
        assert restarted.submissions == {}
        assert _state(api, namespace) == "RUNNING"


def _topic(namespace: str, name: str, *, managed: bool = True, **spec: Any) -> Manifest:
    annotations = {} if managed else {"strimzi.io/managed": "false"}
    metadata = {
        "name": name,
        "namespace": namespace,
        "labels": {"strimzi.io/cluster": "kafka"},
        "annotations": annotations,
    }
    return {"apiVersion": STRIMZI, "kind": "KafkaTopic", "metadata": metadata, "spec": {"replicas": 1, **spec}}


def _told(api: Api, namespace: str, name: str) -> tuple[str, str, str]:
    """Type, status and reason of a topic's condition, if it is of the newest generation."""
    found = api.get(STRIMZI, "KafkaTopic", namespace, name) or {"metadata": {}}
    status = found.get("status", {})
    if status.get("observedGeneration") != found["metadata"].get("generation"):
        return "", "", ""
    (condition,) = status.get("conditions", [{}])
    return condition.get("type", ""), condition.get("status", ""), condition.get("reason", "")


@pytest.mark.broker
def test_topics_are_made_changed_refused_and_deleted(api: Api, namespace: str, kafka: str) -> None:
    name = f"{namespace}-raw"
    admin = TopicAdmin(kafka)
    with StandInTopicOperator(api, kafka):
        api.apply(_topic(namespace, "raw", topicName=name, partitions=2, config={"retention.ms": 60000}))
        eventually(lambda: _told(api, namespace, "raw") == ("Ready", "True", ""))
        made = admin.observe([name])[name]
        assert (made.partitions, made.config) == (2, {"retention.ms": "60000"})
        api.apply(_topic(namespace, "raw", topicName=name, partitions=3, config={"retention.ms": 90000}))
        eventually(lambda: _told(api, namespace, "raw") == ("Ready", "True", ""))
        changed = admin.observe([name])[name]
        assert (changed.partitions, changed.config) == (3, {"retention.ms": "90000"})
        api.apply(_topic(namespace, "raw", topicName=name, partitions=1))
        eventually(lambda: _told(api, namespace, "raw") == ("Ready", "False", "NotSupported"))
        api.apply(_topic(namespace, "rival", topicName=name, partitions=3))
        eventually(lambda: _told(api, namespace, "rival") == ("Ready", "False", "ResourceConflict"))
        api.delete(STRIMZI, "KafkaTopic", namespace, "rival")
        eventually(lambda: api.get(STRIMZI, "KafkaTopic", namespace, "rival") is None)
        assert admin.observe([name])
        api.delete(STRIMZI, "KafkaTopic", namespace, "raw")
        eventually(lambda: api.get(STRIMZI, "KafkaTopic", namespace, "raw") is None)
    assert name not in AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=10).topics


@pytest.mark.broker
def test_an_unmanaged_topic_stays_on_the_broker(api: Api, namespace: str, kafka: str) -> None:
    name = f"{namespace}-kept"
    with StandInTopicOperator(api, kafka):
        api.apply(_topic(namespace, "kept", topicName=name, partitions=1))
        eventually(lambda: _told(api, namespace, "kept") == ("Ready", "True", ""))
        api.apply(_topic(namespace, "kept", topicName=name, partitions=1, managed=False))
        eventually(lambda: _told(api, namespace, "kept")[0] == "Unmanaged")
        api.delete(STRIMZI, "KafkaTopic", namespace, "kept")
        eventually(lambda: api.get(STRIMZI, "KafkaTopic", namespace, "kept") is None)
    assert TopicAdmin(kafka).observe([name])
