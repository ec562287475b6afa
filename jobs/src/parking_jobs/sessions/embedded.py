"""The session job without Spark: Kafka consumer → shard → Kafka producer in one process. Drives, adds no rules.

Processes of one consumer group share the partitions. A process that gains one restores its open sessions from the
processed topic and forgets them when it loses it: nothing is kept here that Kafka does not have.
"""

import logging
import threading
import time
import uuid
from collections.abc import Iterable
from contextlib import closing

import pyarrow as pa
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from parking.documents import SessionJobDocument
from parking.errors import ParkingError
from parking_jobs.sessions.bookmarks import end_offset, read_bookmarks
from parking_jobs.sessions.delivery import Delivery, delivery_of
from parking_jobs.sessions.encode import SessionEncoder
from parking_jobs.sessions.holdings import Holdings
from parking_jobs.sessions.kafka_io import consumer_settings, quarantined_out, records_table, sessions_out
from parking_jobs.sessions.progress import Batch, Progress
from parking_jobs.sessions.restore import restore
from parking_jobs.sessions.schemas import RECORDS, bools, ints
from parking_jobs.sessions.shard import Shard, Step

log = logging.getLogger(__name__)
_MAX_BATCH = 20_000
_WAIT_SECONDS = 0.5
_TICK_MS = 250
_ALIVE_SECONDS = 5.0
_PATIENCE_SECONDS = 10
_PAUSE_SECONDS = 1.0


class Engine:
    """One member of the group: ``run`` until told to stop. Raises KafkaException when it has to start over."""

    def __init__(
        self, document: SessionJobDocument, consumer: Consumer, delivery: Delivery, progress: Progress
    ) -> None:
        self._document, self._topics = document, document.topics
        self._consumer, self._delivery, self._progress = consumer, delivery, progress
        self._run_id = uuid.uuid4().hex
        self._shard = Shard(document, self._run_id)
        self._encoder = SessionEncoder(document.lot, document.tariff)
        self._holdings = Holdings(self._run_id)
        self._max_batch = min(_MAX_BATCH, document.max_events_per_trigger)
        self._number = 0
        self._joined, self._sound = False, True
        self._next_tick = self._next_sign = 0.0

    def run(self, stop: threading.Event) -> None:
        """Fold until ``stop``; then everything folded is settled."""
        listen = {"on_assign": self._gained, "on_revoke": self._revoked, "on_lost": self._lost}
        self._consumer.subscribe([self._topics.raw], **listen)
        try:
            while not stop.is_set():
                records = self._take()
                if records.num_rows:
                    self._fold(records)
                self._tick()
                self._give_sign()
            self._delivery.settle()
        except KafkaException:
            self._sound = False
            raise

    def _take(self) -> pa.Table:
        """Give what waits; when nothing does, wait for the first record that comes."""
        with self._progress.phase("take"):
            messages = self._consumer.consume(self._max_batch, 0)
        if not messages:
            with self._progress.phase("wait"):
                messages = self._consumer.consume(1, _WAIT_SECONDS)
        with self._progress.phase("take"):
            if 0 < len(messages) < self._max_batch:
                messages += self._consumer.consume(self._max_batch - len(messages), 0)
            records = records_table([message for message in messages if message.error() is None])
            unread = self._holdings.unread(records)
            for message in messages:
                self._hear(message)
            return unread

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

    def _fold(self, records: pa.Table) -> None:
        begun = time.perf_counter()
        with self._progress.phase("fold"):
            step = self._shard.step(self._holdings.state, records, _wall_ms(), silent=())
            self._holdings.advance(records, step.state)
        self._deliver(step, set(ints(records, "partition").tolist()))
        self._report(records.num_rows, step, time.perf_counter() - begun)

    def _tick(self) -> None:
        """Let sessions lapse in partitions where nothing has come for as long."""
        now = _wall_ms()
        if now < self._next_tick:
            return
        self._next_tick = now + _TICK_MS
        due = [p for p, moment in self._shard.timeouts(self._holdings.state).items() if moment <= now]
        silent = [p for p in due if self._is_read_up(p)]
        if not silent:
            return
        step = self._shard.step(self._holdings.state, None, now, silent)
        self._holdings.state = step.state
        self._deliver(step, silent)
        self._report(0, step, 0.0)

    def _is_read_up(self, partition: int) -> bool:
        return end_offset(self._consumer, self._topics.raw, partition) == self._holdings.positions[partition]

    def _deliver(self, step: Step, partitions: Iterable[int]) -> None:
        with self._progress.phase("encode"):
            records = [
                *sessions_out(step, self._encoder, self._topics.processed),
                *quarantined_out(step, self._topics.raw, self._topics.quarantine),
            ]
        with self._progress.phase("deliver"):
            self._delivery.deliver(records, self._holdings.bookmarks(set(partitions)))

    def _report(self, rows: int, step: Step, seconds: float) -> None:
        self._number += 1
        self._next_sign = time.monotonic() + _ALIVE_SECONDS
        written, refused = step.updates.num_rows + step.refused.num_rows, step.refused.num_rows
        open_sessions = int(bools(step.state.sessions, "is_open").sum())
        self._progress.take(Batch(self._number, rows, seconds, self._lag(), refused, written, {0: open_sessions}))

    def _lag(self) -> int:
        """Records known to wait."""
        ends = {p: self._consumer.get_watermark_offsets(self._raw(p), cached=True)[1] for p in self._holdings.positions}
        return sum(max(0, end - self._holdings.positions[p]) for p, end in ends.items())

    def _give_sign(self) -> None:
        """Without records, show now and then that the broker is there and that it has none."""
        if self._joined and time.monotonic() > self._next_sign:
            self._consumer.list_topics(self._topics.raw, _PATIENCE_SECONDS)
            nothing = Step(RECORDS.empty_table(), RECORDS.empty_table(), self._holdings.state)
            self._report(0, nothing, 0.0)

    def _raw(self, partition: int) -> TopicPartition:
        return TopicPartition(self._topics.raw, partition)

    def _gained(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        partitions = sorted(place.partition for place in places)
        bookmarks = read_bookmarks(consumer, self._topics.raw, partitions)
        state = restore(self._document, bookmarks, self._run_id, _wall_ms())
        begin = {p: bookmarks[p].offset if p in bookmarks else 0 for p in partitions}
        self._holdings.gain(begin, state)
        consumer.incremental_assign([TopicPartition(self._topics.raw, p, offset) for p, offset in begin.items()])
        self._joined = True
        log.info("gained partitions=%s, holding partitions=%s", partitions, sorted(self._holdings.positions))

    def _revoked(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        if self._sound:
            self._delivery.settle()
        self._lost(consumer, places)

    def _lost(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        self._holdings.lose(place.partition for place in places)
        consumer.incremental_unassign(places)
        left = sorted(self._holdings.positions)
        log.info("gave up partitions=%s, holding partitions=%s", sorted(place.partition for place in places), left)


def run_embedded(document: SessionJobDocument, instance: str, progress: Progress, stop: threading.Event) -> int:
    """Run until ``stop``, starting over from the topics after each failure; gives the exit code."""
    log.info("started lot=%s instance=%s delivery=%s", document.lot, instance, document.delivery)
    while not stop.is_set():
        try:
            with closing(Consumer(consumer_settings(document, instance), logger=log)) as consumer:
                check_topics(consumer, document)
                Engine(document, consumer, delivery_of(document, consumer, instance), progress).run(stop)
        except KafkaException as failure:
            if failure.args[0].fatal():
                log.error("cannot go on as instance %s: %s", instance, failure)  # noqa: TRY400 - Kafka says it all
                return 1
            log.warning("starting over: %s", failure)
            stop.wait(_PAUSE_SECONDS)
    log.info("stopped after the last batch")
    return 0


def check_topics(consumer: Consumer, document: SessionJobDocument) -> None:
    """Raise ParkingError when a partition of the raw topic has no mirror in the processed one."""
    raw, processed = (_partitions(consumer, name) for name in (document.topics.raw, document.topics.processed))
    if processed < raw:
        raise ParkingError(
            f"topic {document.topics.processed}: {processed} partitions are too few; "
            f"allowed: as many as {document.topics.raw} has ({raw}) or more"
        )


def _partitions(consumer: Consumer, topic: str) -> int:
    found = consumer.list_topics(topic, _PATIENCE_SECONDS).topics[topic]
    if found.error:
        raise KafkaException(found.error)
    return len(found.partitions)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
