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

from confluent_kafka import IsolationLevel, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark, read_bookmarks
from parking_jobs.sessions.kafka_io import Outgoing
from parking_jobs.sessions.reading import reader, to_the_ends

_PATIENCE_SECONDS = 30
_UNDER_WAY_SECONDS = 1.0
"""What another process has under way is over by then."""
Place = tuple[str, int]
"""Topic and partition."""


def places_written_to(document: SessionJobDocument, client: Producer) -> list[Place]:
    """Give every partition that a job may write to."""
    topics = document.topics.processed, document.topics.quarantine
    return [(name, p) for name in topics for p in client.list_topics(name, _PATIENCE_SECONDS).topics[name].partitions]


def open_records(document: SessionJobDocument, places: list[Place]) -> list[Message]:
    """Read what stands in partitions beyond the end of all that is settled, and stays there."""
    written = _ends(document, places, IsolationLevel.READ_UNCOMMITTED)
    settled = _ends(document, places, IsolationLevel.READ_COMMITTED)
    behind = [place for place in places if settled[place] < written[place]]
    if not behind:  # as mostly; others may have written on meanwhile
        return []
    time.sleep(_UNDER_WAY_SECONDS)
    still = _ends(document, behind, IsolationLevel.READ_COMMITTED)
    stuck = [TopicPartition(*place, settled[place]) for place in behind if settled[place] == still[place]]
    with reader(document, isolation="read_uncommitted") as consumer:
        return [each for messages in to_the_ends(consumer, stuck) for each in messages if each.value()]


def lost_records(document: SessionJobDocument, found: list[Message]) -> list[Outgoing]:
    """Give those of the records found open that count and that nobody will ever see where they stand.

    Asked when the job's own have been aborted; waits until all are settled.
    """
    begin: dict[Place, int] = {}
    for message in found:
        begin.setdefault(_place(message), int(message.offset() or 0))
    with reader(document) as consumer:
        places = [TopicPartition(*place, offset) for place, offset in begin.items()]
        visible = {(_place(message), message.offset()) for seen in to_the_ends(consumer, places) for message in seen}
        partitions = sorted({_origin(message, document)[0] for message in found})
        bookmarks = read_bookmarks(consumer, document.topics.raw, partitions)
    lost = [each for each in found if (_place(each), each.offset()) not in visible]
    return [_again(message) for message in lost if _is_passed(_origin(message, document), bookmarks)]


def _ends(document: SessionJobDocument, places: list[Place], isolation: IsolationLevel) -> dict[Place, int]:
    client = AdminClient({"bootstrap.servers": document.bootstrap_servers})
    newest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    asked = dict.fromkeys((TopicPartition(*place) for place in places), newest)
    answers = client.list_offsets(asked, isolation_level=isolation, request_timeout=_PATIENCE_SECONDS)
    return {(place.topic, place.partition): answer.result().offset for place, answer in answers.items()}


def _place(message: Message) -> Place:
    return str(message.topic()), int(message.partition() or 0)


def _origin(message: Message, document: SessionJobDocument) -> tuple[int, int]:
    """Give partition and offset of the event that a record is about."""
    if message.topic() == document.topics.quarantine:
        headers: Mapping[str, Any] = dict(message.headers() or ())
        return int(headers["partition"]), int(headers["offset"])
    # A session's version counts twice: even for an event, odd for the end of the time allowed after it.
    return _place(message)[1], int(json.loads(message.value() or b"")["version"]) // 2 - 1


def _is_passed(origin: tuple[int, int], bookmarks: Mapping[int, Bookmark]) -> bool:
    partition, offset = origin
    return partition in bookmarks and offset < bookmarks[partition].offset


def _again(message: Message) -> Outgoing:
    return Outgoing(*_place(message), message.key(), message.value(), list(dict(message.headers() or ()).items()))
