"""Reads a state back from Kafka: the way in which every engine starts that has no state of its own."""

import logging
import time
from collections.abc import Iterator, Mapping

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark
from parking_jobs.sessions.clock import Clocks, PartitionClock
from parking_jobs.sessions.past import Past, clocks_of
from parking_jobs.sessions.reading import reader, to_the_ends
from parking_jobs.sessions.shard import ShardState

log = logging.getLogger(__name__)
_MARGIN_MS = 60_000
"""How far the clocks of two brokers may be apart."""
_PATIENCE_SECONDS = 60


def restore(document: SessionJobDocument, bookmarks: Mapping[int, Bookmark], run: str, now: int) -> ShardState:
    """Give the state in which the readers of ``bookmarks`` left these partitions; ``now`` is the wall clock in ms.

    Raises KafkaException.
    """
    past = Past(document.lot, bookmarks)
    begun = time.monotonic()
    for values in _records(document, {p: _since(bookmark, document) for p, bookmark in bookmarks.items()}):
        past.take(values)
    sessions = past.sessions()
    newest = clocks_of(sessions)
    shown = {p: newest.get(p) if bookmark.clock is None else bookmark.clock for p, bookmark in bookmarks.items()}
    clocks = {p: PartitionClock(broker, read_up=now) for p, broker in shown.items() if broker is not None}
    if bookmarks:
        told = (sorted(bookmarks), past.taken, time.monotonic() - begun, sessions.num_rows, past.strange)
        log.info("restored partitions=%s from records=%d in seconds=%.1f rows=%d strange=%d", *told)
    return ShardState(sessions, Clocks(run, clocks))


def _since(bookmark: Bookmark, document: SessionJobDocument) -> int | None:
    """Broker time (ms) before which no record matters any more; None: unknown.

    A session whose last update is older was over, and its tombstone forgotten, when the bookmark was set.
    """
    return None if bookmark.clock is None else bookmark.clock - document.timeout_seconds * 1_000 - _MARGIN_MS


def _records(document: SessionJobDocument, since: Mapping[int, int | None]) -> Iterator[list[bytes]]:
    """Give the values of the processed partitions from these moments to their ends."""
    with reader(document) as consumer:
        for messages in to_the_ends(consumer, _begin(consumer, document.topics.processed, since)):
            yield [value for message in messages if (value := message.value())]


def _begin(consumer: Consumer, topic: str, since: Mapping[int, int | None]) -> list[TopicPartition]:
    """Find where to begin in each partition that holds anything to read."""
    known = [TopicPartition(topic, p, moment) for p, moment in since.items() if moment is not None]
    found = consumer.offsets_for_times(known, timeout=_PATIENCE_SECONDS) if known else []
    if wrong := [place.error for place in found if place.error]:
        raise KafkaException(wrong[0])
    unknown = [TopicPartition(topic, p, OFFSET_BEGINNING) for p, moment in since.items() if moment is None]
    return [*(place for place in found if place.offset >= 0), *unknown]
