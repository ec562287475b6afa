"""The topics of a lot: names, sizes and settings. The only place that knows them."""

from datetime import timedelta

from parking.lot import ParkingLot
from parking.model import Model

_QUARANTINE_RETENTION = timedelta(days=30)
_QUARANTINE_MAX_BYTES = 2 * 1024 * 1024
"""A refused record may be as large as a broker takes (1 MiB) and travels with its reason in headers."""


class TopicSpec(Model):
    """A topic as it should be."""

    name: str
    partitions: int
    replicas: int
    config: dict[str, str]


def _milliseconds(value: timedelta) -> str:
    return str(value // timedelta(milliseconds=1))


def topics_of(lot: ParkingLot) -> tuple[TopicSpec, TopicSpec, TopicSpec]:
    """Give the processed, quarantine and raw topic of a lot, in the order in which they should be made.

    Processed comes first: a session update goes to the partition that mirrors its raw partition, so that
    partition has to exist before events can arrive.
    """
    kafka, names = lot.spec.kafka, lot.spec.topics
    retention = _milliseconds(kafka.retention)
    stamped = {"message.timestamp.type": "LogAppendTime"}
    processed = {"cleanup.policy": "compact,delete", "retention.ms": retention, **stamped}
    raw = {"cleanup.policy": "delete", "retention.ms": retention, **stamped}
    quarantine = {
        "cleanup.policy": "delete",
        "retention.ms": _milliseconds(_QUARANTINE_RETENTION),
        "max.message.bytes": str(_QUARANTINE_MAX_BYTES),
    }
    return (
        TopicSpec(name=names.processed, partitions=kafka.partitions, replicas=kafka.replicas, config=processed),
        TopicSpec(name=names.quarantine, partitions=1, replicas=kafka.replicas, config=quarantine),
        TopicSpec(name=names.raw, partitions=kafka.partitions, replicas=kafka.replicas, config=raw),
    )
