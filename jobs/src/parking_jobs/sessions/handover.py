"""How the Spark engine takes over from whoever read before, and leaves word of how far it has read itself.

Its checkpoint holds offsets and state, but it is worth something only while nobody else has read on. So each
checkpoint has a name, and the bookmarks say which reader set them: where they name a checkpoint, that one is resumed;
where they name another engine, or nobody, a new one begins where they stand.
"""

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark, group_reader, read_bookmarks, to_commit

log = logging.getLogger(__name__)
_EARLIEST = -2
"""How Spark writes the beginning of a partition."""
_NAME = "spark-"
_PATIENCE_SECONDS = 30
_REFRESH_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Origin:
    """Name of the checkpoint, and the bookmarks at which the query begins if that is empty (None: never read)."""

    checkpoint: str
    bookmarks: Mapping[int, Bookmark | None]

    @property
    def starting_offsets(self) -> dict[str, int]:
        """Offsets by partition, as Spark's Kafka source wants them."""
        return {str(p): bookmark.offset if bookmark else _EARLIEST for p, bookmark in self.bookmarks.items()}

    def of_shard(self, shard: int, shards: int) -> dict[int, Bookmark]:
        """Give the bookmarks of a shard's partitions."""
        return {p: bookmark for p, bookmark in self.bookmarks.items() if bookmark and p % shards == shard}


def origin_of(topic_id: str, bookmarks: Mapping[int, Bookmark | None]) -> Origin:
    """Choose the checkpoint: the one that all bookmarks name, else a new one named after where they stand.

    The name is the same as long as they stand there, so that a job killed before its first word is found again.
    """
    readers = {bookmark.reader for bookmark in bookmarks.values() if bookmark}
    if len(readers) == 1 and (reader := readers.pop()).startswith(_NAME):
        return Origin(reader, bookmarks)
    stand = [topic_id, *sorted((p, bookmark.offset) for p, bookmark in bookmarks.items() if bookmark)]
    return Origin(_NAME + hashlib.sha256(json.dumps(stand).encode()).hexdigest()[:10], bookmarks)


def find_origin(document: SessionJobDocument, consumer: Consumer) -> Origin:
    """Ask Kafka where the session job stands. Raises KafkaException."""
    raw = document.topics.raw
    admin = AdminClient({"bootstrap.servers": document.bootstrap_servers})
    described = admin.describe_topics(TopicCollection([raw]), request_timeout=_PATIENCE_SECONDS)[raw].result()
    partitions = [partition.id for partition in described.partitions]
    found = read_bookmarks(consumer, raw, partitions)
    return origin_of(str(described.topic_id), {p: found.get(p) for p in partitions})


def bookmarks_of(report: Mapping[str, Any], topic: str, reader: str) -> dict[int, Bookmark]:
    """Read off Spark's progress report (the JSON form of StreamingQueryProgress) where a batch has left the topic."""
    observed = report.get("observedMetrics", {}).get("shards") or {}
    clocks = {int(p): clock for row in observed.get("open") or () for p, clock in json.loads(row["clocks"]).items()}
    ends = next((end for source in report["sources"] if topic in (end := source.get("endOffset") or {})), {})
    return {int(p): Bookmark(offset, clocks.get(int(p)), reader) for p, offset in ends.get(topic, {}).items()}


class Bookkeeper:
    """Sets the bookmarks after each batch. Failing is no harm: the checkpoint and the processed topic know more."""

    def __init__(self, document: SessionJobDocument) -> None:
        self._topic = document.topics.raw
        self.consumer = group_reader(document)
        self._last: dict[int, Bookmark] = {}
        self._noted = time.monotonic()

    def note(self, bookmarks: dict[int, Bookmark]) -> None:
        """Set bookmarks that differ from the last ones set; those of a silent lot too, lest Kafka forget them."""
        if bookmarks == self._last and time.monotonic() - self._noted < _REFRESH_SECONDS:
            return
        try:
            self.consumer.commit(offsets=to_commit(self._topic, bookmarks), asynchronous=False)
        except KafkaException as failure:
            log.warning("bookmarks not set, which the next batch makes up for: %s", failure)
        else:
            self._last, self._noted = bookmarks, time.monotonic()

    def close(self) -> None:
        """Leave Kafka."""
        self.consumer.close()
