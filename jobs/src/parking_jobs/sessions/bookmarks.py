"""How far the raw topic has been folded, kept as committed offsets of a consumer group, whatever the engine.

An offset says what to read next; its metadata adds what cannot be read off the processed topic: the partition's
clock, and which engine has read so far. Kafka's own tools show the lag of the group.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from parking.documents import SessionJobDocument

log = logging.getLogger(__name__)
EMBEDDED = "embedded"
_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Bookmark:
    """One partition: the next ``offset``, the broker time of its newest record (ms; None: unknown), and its reader."""

    offset: int
    clock: int | None = None
    reader: str = ""

    def committed(self, topic: str, partition: int) -> TopicPartition:
        """Write it as an offset to commit."""
        return TopicPartition(
            topic, partition, self.offset, metadata=json.dumps({"clock": self.clock, "reader": self.reader})
        )

    @classmethod
    def read(cls, committed: TopicPartition) -> Self:
        """Read what was committed; metadata of other programs means nothing here."""
        try:
            told = json.loads(committed.metadata or "")
            return cls(committed.offset, told["clock"], told["reader"])
        except (ValueError, TypeError, KeyError):
            return cls(committed.offset)


def read_bookmarks(consumer: Consumer, topic: str, partitions: Iterable[int]) -> dict[int, Bookmark]:
    """Ask for the bookmarks of the consumer's group; a partition never read, or made anew since, has none.

    Waits for a transaction that is about to move them. Raises KafkaException.
    """
    answers = committed(consumer, [TopicPartition(topic, partition) for partition in partitions])
    found = {answer.partition: Bookmark.read(answer) for answer in answers}
    ends = end_offsets(consumer, topic, found)
    return {p: bookmark for p, bookmark in found.items() if _stands(bookmark, ends[p], p)}


def _stands(bookmark: Bookmark, end: int, partition: int) -> bool:
    """Whether the partition is still the one that the bookmark was set in."""
    if bookmark.offset > end:
        log.warning("partition %d ends at %d, before its bookmark %d: read anew", partition, end, bookmark.offset)
    return bookmark.offset <= end


def committed(consumer: Consumer, places: list[TopicPartition]) -> list[TopicPartition]:
    """Ask for the offsets that the consumer's group has committed, where it has. Raises KafkaException."""
    answers = consumer.committed(places, timeout=_PATIENCE_SECONDS) if places else []
    return [answer for answer in _without_errors(answers) if answer.offset >= 0]


def end_offsets(consumer: Consumer, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """Ask for the offsets at which the next records will stand. Raises KafkaException.

    At once for all: a consumer that waits for records answers after half a second each time.
    """
    asked = [TopicPartition(topic, partition, OFFSET_END) for partition in partitions]
    answers = consumer.offsets_for_times(asked, timeout=_PATIENCE_SECONDS) if asked else []
    return {answer.partition: answer.offset for answer in _without_errors(answers)}


def _without_errors(answers: list[TopicPartition]) -> list[TopicPartition]:
    if wrong := [answer.error for answer in answers if answer.error]:
        raise KafkaException(wrong[0])
    return answers


def group_reader(document: SessionJobDocument) -> Consumer:
    """Give a consumer that reads and moves the group's bookmarks without taking part in it."""
    return Consumer(
        {
            "bootstrap.servers": document.bootstrap_servers,
            "group.id": document.group,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )


def to_commit(topic: str, bookmarks: Mapping[int, Bookmark]) -> list[TopicPartition]:
    """Write bookmarks as offsets to commit."""
    return [bookmark.committed(topic, partition) for partition, bookmark in bookmarks.items()]
