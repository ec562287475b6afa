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

    def limited(self, replicas: int) -> "TopicSpec":
        """Make do with so many copies at most; as many may be missing as before, as long as one is left."""
        copies = min(self.replicas, replicas)
        config = self.config if _MIN_IN_SYNC not in self.config else {**self.config, _MIN_IN_SYNC: str(in_sync(copies))}
        return self.model_copy(update={"replicas": copies, "config": config})


_MIN_IN_SYNC = "min.insync.replicas"


def in_sync(replicas: int) -> int:
    """Say how many copies have to have a record before it counts: all but one, so that one broker may fail."""
    return max(1, replicas - 1)


def _milliseconds(value: timedelta) -> str:
    return str(value // timedelta(milliseconds=1))


def topics_of(lot: ParkingLot) -> tuple[TopicSpec, ...]:
    """Give the processed, quarantine and raw topic of a lot and those of its road, in the order of their making.

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
        *road_topics(lot),
    )


def road_topics(lot: ParkingLot) -> tuple[TopicSpec, ...]:
    """Give the topics of the road to a lot; none when it has none."""
    road, replicas = lot.spec.road, lot.spec.kafka.replicas
    if road is None:
        return ()
    config = {
        "cleanup.policy": "delete",
        "retention.ms": _milliseconds(road.retention),
        "message.timestamp.type": "LogAppendTime",
        _MIN_IN_SYNC: str(in_sync(replicas)),
    }
    return tuple(
        TopicSpec(name=name, partitions=road.partitions, replicas=replicas, config=config)
        for name in road.topics.names().values()
    )
