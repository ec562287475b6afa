"""Transactions that a broker has left without an end, and what of them counts.

A broker that ends a transaction passes over partitions that have no leader at this moment. So it does (seen with 4.3)
when the only broker is killed during a commit and comes back. What stands open there holds up all readers until the
next transaction of its producer ends it, by chance in a way that was not meant. What was meant is told by the
bookmarks, which are part of the transaction: records of events that they have passed count, others are folded again.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, IsolationLevel, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark, committed, read_bookmarks
from parking_jobs.sessions.kafka_io import Outgoing
from parking_jobs.sessions.reading import reader, to_the_ends

_PATIENCE_SECONDS = 30
_UNDER_WAY_SECONDS = 1.0
"""What another process has under way moves on within this time."""
Place = tuple[str, int]
"""Topic and partition."""
Stretches = dict[Place, tuple[int, int]]
"""For a place, the offset of the first record and that after the last."""


def places_written_to(document: SessionJobDocument, client: Producer) -> list[Place]:
    """Give every partition that a job may write to."""
    topics = document.topics.processed, document.topics.quarantine
    return [(name, p) for name in topics for p in client.list_topics(name, _PATIENCE_SECONDS).topics[name].partitions]


def open_stretches(document: SessionJobDocument, places: list[Place]) -> Stretches:
    """Find what stands in partitions beyond the end of all that is settled, and stays there."""
    written = _ends(document, places, IsolationLevel.READ_UNCOMMITTED)
    return {place: (offset, written[place]) for place, offset in _standing_still(document, written).items()}


def noted_stretches(outsider: Consumer, places: list[Place]) -> Stretches:
    """Give what was noted and has not been seen to yet. Raises KafkaException."""
    told = [(each, each.metadata or "") for each in committed(outsider, [TopicPartition(*place) for place in places])]
    return {(each.topic, each.partition): (each.offset, int(end)) for each, end in told if end.isdigit()}


def note(place: Place, stretch: tuple[int, int], *, is_seen_to: bool = False) -> TopicPartition:
    """Give what notes, as an offset to commit, that a stretch is to be seen to, or has been."""
    begin, end = stretch
    return TopicPartition(*place, end) if is_seen_to else TopicPartition(*place, begin, metadata=str(end))


def united(some: Stretches, others: Stretches) -> Stretches:
    """Give for each place the stretch that holds that of either."""
    either = some | others
    pairs = {place: (some.get(place, one), others.get(place, one)) for place, one in either.items()}
    return {place: (min(a, c), max(b, d)) for place, ((a, b), (c, d)) in pairs.items()}


def records_in(document: SessionJobDocument, stretches: Stretches) -> list[Message]:
    """Read what stands there, whether committed, aborted or open."""
    begin = [TopicPartition(*place, offset) for place, (offset, _) in stretches.items()]
    with reader(document, isolation="read_uncommitted") as consumer:
        return [
            message
            for messages in to_the_ends(consumer, begin)
            for message in messages
            if message.value() and (message.offset() or 0) < stretches[place_of(message)][1]
        ]


def lost_records(document: SessionJobDocument, outsider: Consumer, found: list[Message]) -> list[Outgoing]:
    """Give those of the records found that count and that nobody will ever see where they stand.

    Asked when the job's own have been aborted; waits until all are settled. ``outsider`` reads the group's bookmarks.
    """
    begin: dict[Place, int] = {}
    for message in found:
        begin.setdefault(place_of(message), int(message.offset() or 0))
    with reader(document) as consumer:
        places = [TopicPartition(*place, offset) for place, offset in begin.items()]
        visible = {_content(message) for messages in to_the_ends(consumer, places) for message in messages}
    partitions = sorted({_origin(message, document)[0] for message in found})
    bookmarks = read_bookmarks(outsider, document.topics.raw, partitions)
    # What was written again in order to end a transaction may stand open twice.
    lost = {content: message for message in found if (content := _content(message)) not in visible}
    return [again(message) for message in lost.values() if _is_passed(_origin(message, document), bookmarks)]


def _standing_still(document: SessionJobDocument, written: Mapping[Place, int]) -> dict[Place, int]:
    """Give where partitions are settled to that do not come as far as was ``written``; others may be at it."""
    settled: dict[Place, int] = {}
    while True:
        before, ends = settled, _ends(document, list(written), IsolationLevel.READ_COMMITTED)
        settled = {place: offset for place, offset in ends.items() if offset < written[place]}
        if all(before.get(place) == offset for place, offset in settled.items()):
            return settled
        time.sleep(_UNDER_WAY_SECONDS)


def _ends(document: SessionJobDocument, places: list[Place], isolation: IsolationLevel) -> dict[Place, int]:
    client = AdminClient({"bootstrap.servers": document.bootstrap_servers})
    newest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    asked = dict.fromkeys((TopicPartition(*place) for place in places), newest)
    answers = client.list_offsets(asked, isolation_level=isolation, request_timeout=_PATIENCE_SECONDS)
    return {(place.topic, place.partition): answer.result().offset for place, answer in answers.items()}


def place_of(message: Message) -> Place:
    """Give where a record stands."""
    return str(message.topic()), int(message.partition() or 0)


def _content(message: Message) -> tuple[Any, ...]:
    """Give what no other record has: updates bear a version, headers of quarantined ones tell their offset."""
    return (*place_of(message), message.value(), *(message.headers() or ()))


def _origin(message: Message, document: SessionJobDocument) -> tuple[int, int]:
    """Give partition and offset of the event that a record is about."""
    if message.topic() == document.topics.quarantine:
        headers: Mapping[str, Any] = dict(message.headers() or ())
        return int(headers["partition"]), int(headers["offset"])
    # A session's version counts twice: even for an event, odd for the end of the time allowed after it.
    return place_of(message)[1], int(json.loads(message.value() or b"")["version"]) // 2 - 1


def _is_passed(origin: tuple[int, int], bookmarks: Mapping[int, Bookmark]) -> bool:
    partition, offset = origin
    return partition in bookmarks and offset < bookmarks[partition].offset


def again(message: Message) -> Outgoing:
    """Give what writes the same record once more."""
    return Outgoing(*place_of(message), message.key(), message.value(), list(dict(message.headers() or ()).items()))
