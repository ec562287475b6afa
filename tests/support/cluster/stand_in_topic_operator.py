"""Plays the part of Strimzi's topic operator, of which only the CRD can be had here, upon a real broker."""

from datetime import UTC, datetime
from typing import Any

from parking.topics import TopicSpec
from parking_operator.topic_admin import TopicAdmin
from parking_operator.world import WorldError
from tests.support.cluster.api import Api, Manifest
from tests.support.cluster.watching import Key, StandIn, Watched

FINALIZER = "strimzi.io/topic-operator"
RETRY_SECONDS = 1.0


class StandInTopicOperator(StandIn):
    """Makes the topics of KafkaTopics of one Kafka cluster and reports on them as Strimzi does.

    Like Strimzi's it goes one way only: from KafkaTopics to the broker.
    """

    def __init__(
        self, api: Api, bootstrap_servers: str, *, cluster: str = "kafka", api_version: str = "kafka.strimzi.io/v1"
    ) -> None:
        super().__init__(api)
        self._admin = TopicAdmin(bootstrap_servers)
        self._topics = self.watch(Watched(api_version, "KafkaTopic", f"strimzi.io/cluster={cluster}"))

    def reconcile(self, key: Key) -> None:
        topic = self._topics.get(key)
        if topic is None:
            return
        if "deletionTimestamp" in topic["metadata"]:
            self._let_go(topic)
        elif FINALIZER not in topic["metadata"].get("finalizers", []):
            self._set_finalizers(topic, [*topic["metadata"].get("finalizers", []), FINALIZER])
        else:
            self._report(topic, self._make(topic) if _is_managed(topic) else _condition("Unmanaged", "True"))

    def _let_go(self, topic: Manifest) -> None:
        finalizers = topic["metadata"].get("finalizers", [])
        if FINALIZER not in finalizers:
            return
        if _is_managed(topic) and not self._other_owner(topic):
            try:
                self._admin.delete(_topic_name(topic))
            except WorldError as error:
                self._fail_later(topic, _refusal("KafkaError", str(error)))
                return
        self._set_finalizers(topic, [name for name in finalizers if name != FINALIZER])

    def _make(self, topic: Manifest) -> Manifest:
        """Make the broker's topic what it should be; gives the condition to report."""
        if owner := self._other_owner(topic):
            namespace, name = owner
            return _refusal("ResourceConflict", f"Managed by Ref{{namespace='{namespace}', name='{name}'}}")
        told = topic.get("status", {}).get("topicName")
        if told and told != _topic_name(topic):
            return _refusal("NotSupported", "Changing spec.topicName is not supported")
        try:
            self._admin.ensure(_wanted(topic))
        except WorldError as error:
            self.wake(_key(topic), seconds=RETRY_SECONDS)
            return _refusal("NotSupported" if "cannot shrink" in str(error) else "KafkaError", str(error))
        return _condition("Ready", "True")

    def _other_owner(self, topic: Manifest) -> Key | None:
        """Find an older managed KafkaTopic for the same topic of the broker."""
        rivals = [
            other
            for other in self._topics.all().values()
            if _topic_name(other) == _topic_name(topic) and _is_managed(other) and _age(other) < _age(topic)
        ]
        return _key(min(rivals, key=_age)) if rivals else None

    def _fail_later(self, topic: Manifest, condition: Manifest) -> None:
        self._report(topic, condition)
        self.wake(_key(topic), seconds=RETRY_SECONDS)

    def _set_finalizers(self, topic: Manifest, finalizers: list[str]) -> None:
        # With the version seen: nobody else's finalizer gets lost or comes back.
        version = topic["metadata"]["resourceVersion"]
        self.api.merge(topic, {"metadata": {"finalizers": finalizers, "resourceVersion": version}})

    def _report(self, topic: Manifest, condition: Manifest) -> None:
        present: dict[str, Any] = topic.get("status", {})
        known = [{key: value for key, value in c.items() if key in condition} for c in present.get("conditions", [])]
        status = {"observedGeneration": topic["metadata"]["generation"], "topicName": _topic_name(topic)}
        if known == [condition] and all(present.get(key) == value for key, value in status.items()):
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        conditions = [condition | {"lastTransitionTime": now}]
        self.api.merge(topic, {"status": status | {"conditions": conditions}}, subresource="status")


def _wanted(topic: Manifest) -> TopicSpec:
    spec = topic.get("spec", {})
    return TopicSpec(
        name=_topic_name(topic),
        partitions=spec.get("partitions", 1),
        replicas=spec.get("replicas", 1),
        config={key: str(value) for key, value in spec.get("config", {}).items()},
    )


def _is_managed(topic: Manifest) -> bool:
    annotations = topic["metadata"].get("annotations", {})
    return bool(annotations.get("strimzi.io/managed") != "false")


def _topic_name(topic: Manifest) -> str:
    name: str = topic.get("spec", {}).get("topicName") or topic["metadata"]["name"]
    return name


def _key(topic: Manifest) -> Key:
    return topic["metadata"]["namespace"], topic["metadata"]["name"]


def _age(topic: Manifest) -> tuple[str, Key]:
    return topic["metadata"]["creationTimestamp"], _key(topic)


def _condition(kind: str, status: str) -> Manifest:
    return {"type": kind, "status": status}


def _refusal(reason: str, message: str) -> Manifest:
    return _condition("Ready", "False") | {"reason": reason, "message": message}
