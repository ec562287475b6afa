"""A process's place in the consumer group: the partitions it is given, and the records it takes from them.

What it gains is restored before the first record comes; what it gives up is settled first. The callbacks run while
``take`` asks for records, so no step is ever under way in them.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import end_offsets, read_bookmarks
from parking_jobs.sessions.clock import wall_ms
from parking_jobs.sessions.delivery import VoidError
from parking_jobs.sessions.holdings import Holdings
from parking_jobs.sessions.kafka_io import records_table
from parking_jobs.sessions.progress import Progress
from parking_jobs.sessions.restore import restore

log = logging.getLogger(__name__)
_WAIT_SECONDS = 0.5


class Membership:
    """One member; ``settle`` is called before partitions go to others. Methods raise KafkaException."""

    def __init__(
        self,
        document: SessionJobDocument,
        consumer: Consumer,
        holdings: Holdings,
        settle: Callable[[], None],
        progress: Progress,
    ) -> None:
        self._document, self._topic = document, document.topics.raw
        self._consumer, self._holdings, self._settle, self._progress = consumer, holdings, settle, progress
        self._failure: KafkaException | VoidError | None = None
        self._leaving = False
        self.joined = False
        """Whether the group has given this member its part, be it nothing."""

    def join(self) -> None:
        """Ask the group for partitions."""
        listen = {"on_assign": self._on_assign, "on_revoke": self._on_revoke, "on_lost": self._on_lost}
        self._consumer.subscribe([self._topic], **listen)

    def leave(self) -> None:
        """Take no further part: a member that has failed neither restores nor settles anything."""
        self._leaving = True

    def take(self, most: int) -> pa.Table:
        """Give what waits (RECORDS); when nothing does, wait a moment for the first record that comes.

        Raises what a callback has failed with.
        """
        with self._progress.phase("take"):
            messages = self._consumer.consume(most, 0)
        if not messages:
            with self._progress.phase("wait"):
                messages = self._consumer.consume(1, _WAIT_SECONDS)
        with self._progress.phase("take"):
            if 0 < len(messages) < most:
                messages += self._consumer.consume(most - len(messages), 0)
            self._raise_failure()
            unread = self._holdings.unread(records_table([message for message in messages if message.error() is None]))
            for message in messages:
                self._hear(message)
            return unread

    def rewind(self) -> None:
        """Forget all that was folded since the bookmarks, and read on from there."""
        log.warning("reading on from the bookmarks: partitions=%s", sorted(self._holdings.positions))
        for partition, offset in self._restore(list(self._holdings.positions)).items():
            self._consumer.seek(TopicPartition(self._topic, partition, offset))

    def is_read_up(self, partition: int) -> bool:
        """Ask the broker whether a partition held has nothing unread."""
        ends = end_offsets(self._consumer, self._topic, [partition])
        return ends[partition] == self._holdings.positions[partition]

    def lag(self) -> int:
        """Count the records known to wait."""
        at = self._holdings.positions
        ends = {p: self._consumer.get_watermark_offsets(TopicPartition(self._topic, p), cached=True)[1] for p in at}
        return sum(max(0, end - at[p]) for p, end in ends.items())

    def _hear(self, message: Message) -> None:
        """Handle what the consumer reports instead of a record."""
        error, partition, offset = message.error(), message.partition(), message.offset()
        if error is None:
            return
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
            assert partition is not None
            assert offset is not None
            self._holdings.reach(partition, offset)
        elif error.fatal():
            raise KafkaException(error)
        else:
            log.warning("the consumer reports: %s", error)

    def _restore(self, partitions: Iterable[int]) -> dict[int, int]:
        """Hold partitions as their last reader left them; gives the offsets at which to read on."""
        partitions = sorted(partitions)
        bookmarks = read_bookmarks(self._consumer, self._topic, partitions)
        state = restore(self._document, bookmarks, self._holdings.run, wall_ms())
        begin = {p: bookmarks[p].offset if p in bookmarks else 0 for p in partitions}
        self._holdings.gain(begin, state)
        return begin

    def _on_assign(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        if self._leaving:
            return
        with self._failures_kept():
            begin = self._restore(place.partition for place in places)
            consumer.incremental_assign([TopicPartition(self._topic, p, offset) for p, offset in begin.items()])
            self.joined = True
            log.info("gained partitions=%s, holding partitions=%s", list(begin), sorted(self._holdings.positions))

    def _on_revoke(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        with self._failures_kept():
            if not self._leaving:
                self._settle()
        self._on_lost(consumer, places)

    def _on_lost(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        with self._failures_kept():
            gone = sorted(place.partition for place in places)
            self._holdings.lose(gone)
            consumer.incremental_unassign(places)
            log.info("gave up partitions=%s, holding partitions=%s", gone, sorted(self._holdings.positions))

    @contextmanager
    def _failures_kept(self) -> Iterator[None]:
        """Keep what a callback fails with until ``take`` can raise it: the client would garble it."""
        try:
            yield
        except (KafkaException, VoidError) as failure:
            self._failure = failure

    def _raise_failure(self) -> None:
        if self._failure:
            failure, self._failure = self._failure, None
            raise failure
