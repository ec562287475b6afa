"""KafkaTopics that no topic operator looks after: made, read and deleted through Kafka's admin client."""

from collections.abc import Iterable, Mapping
from typing import Any

from parking.topics import TopicSpec
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.topic_admin import TopicAdmin
from parking_operator.world import Child, WorldError


class BrokerTopics:
    """The topics of one Kafka cluster, as the objects that would describe them."""

    def __init__(self, admin: TopicAdmin) -> None:
        self._admin = admin

    def observe(self, manifests: Iterable[Manifest]) -> dict[Ref, Child]:
        """Tell what the broker has of these; one that is gone is left out, so that it is made again."""
        given = {ref_of(manifest): manifest for manifest in manifests}
        if not given:
            return {}
        try:
            found = self._admin.observe(topic_spec(manifest).name for manifest in given.values())
        except WorldError as error:
            told = _status(ready=False, message=str(error))
            return {ref: Child({**manifest, "status": told}) for ref, manifest in given.items()}
        return {
            ref: Child({**manifest, "spec": _as_found(manifest["spec"], found[name]), "status": _status(ready=True)})
            for ref, manifest in given.items()
            if (name := topic_spec(manifest).name) in found
        }

    def apply(self, manifest: Manifest) -> None:
        """Make a topic or change it into this; raises WorldError."""
        self._admin.ensure(topic_spec(manifest))

    def delete(self, manifest: Manifest) -> None:
        """Delete a topic with its records; raises WorldError."""
        self._admin.delete(topic_spec(manifest).name)


def topic_spec(manifest: Manifest) -> TopicSpec:
    """Read what a KafkaTopic asks for."""
    spec = manifest["spec"]
    return TopicSpec(
        name=spec["topicName"], partitions=spec["partitions"], replicas=spec["replicas"], config=spec["config"]
    )


def _as_found(spec: Mapping[str, Any], found: TopicSpec) -> dict[str, Any]:
    """Give a KafkaTopic's spec as the broker has it. More replicas than asked for are as good."""
    return {
        **spec,
        "partitions": found.partitions,
        "replicas": min(spec["replicas"], found.replicas),
        "config": found.config,
    }


def _status(*, ready: bool, message: str = "") -> dict[str, Any]:
    return {"conditions": [{"type": "Ready", "status": str(ready), "message": message}]}
