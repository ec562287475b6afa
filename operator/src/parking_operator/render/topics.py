"""The topics of a lot as KafkaTopics."""

import re

from parking.lot import ParkingLot
from parking.topics import TopicSpec, topics_of
from parking_operator.objects import Kind, Manifest, digest
from parking_operator.render.labels import TOPIC, child
from parking_operator.site import Site

KAFKA_TOPIC = Kind("kafka.strimzi.io/v1", "KafkaTopic")
CLUSTER_LABEL = "strimzi.io/cluster"
"""Names the Strimzi cluster; a KafkaTopic without it is made through the admin client."""
_LONGEST_NAME = 253
_HASH_LENGTH = 6


def topics(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the topics, in the order in which they should be made."""
    return tuple(kafka_topic(lot, site, topic) for topic in topics_of(lot))


def kafka_topic(lot: ParkingLot, site: Site, topic: TopicSpec) -> Manifest:
    """Render one topic of a lot."""
    cluster, topic = lot.spec.kafka.cluster, topic.limited(site.max_replication)
    # In the cluster's namespace topics of equally named lots meet.
    owner = f"{lot.metadata.namespace}-{lot.name}" if cluster else lot.name
    spec = {
        "topicName": topic.name,
        "partitions": topic.partitions,
        "replicas": topic.replicas,
        "config": topic.config,
    }
    return child(
        lot,
        KAFKA_TOPIC,
        TOPIC,
        _object_name(owner, topic.name),
        {"spec": spec},
        extra_labels={CLUSTER_LABEL: cluster.name} if cluster else None,
        namespace=cluster.namespace if cluster else None,
    )


def _object_name(owner: str, topic: str) -> str:
    """Name the object after its topic, so that another topic is another object and the old one's data stays.

    A topic may be spelled in ways that an object may not, and be too long for one; a hash then keeps two of them apart.
    """
    room = _LONGEST_NAME - len(owner) - len("-") - len("-") - _HASH_LENGTH
    spelled = re.sub(r"[^a-z0-9-]+", "-", topic.lower())[:room].strip("-")
    return f"{owner}-{spelled}" if spelled == topic else f"{owner}-{spelled}-{digest(topic)[:_HASH_LENGTH]}"
