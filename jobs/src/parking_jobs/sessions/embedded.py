"""The session job without Spark: Kafka consumer → shard → Kafka producer in one process. Drives, adds no rules.

Processes of one consumer group share the partitions. A process that gains one restores its open sessions from the
processed topic and forgets them when it loses it: nothing is kept here that Kafka does not have.
"""

import logging
import threading
import time
import uuid
from collections.abc import Collection
from contextlib import closing

import pyarrow as pa
from confluent_kafka import Consumer, KafkaException

from parking.documents import SessionJobDocument
from parking.errors import ParkingError
from parking_jobs.sessions.at_least_once import AtLeastOnce
from parking_jobs.sessions.clock import wall_ms
from parking_jobs.sessions.delivery import Delivery, VoidError
from parking_jobs.sessions.encode import SessionEncoder
from parking_jobs.sessions.holdings import Holdings
from parking_jobs.sessions.kafka_io import consumer_settings, quarantined_out, sessions_out
from parking_jobs.sessions.membership import Membership
from parking_jobs.sessions.progress import Batch, Progress
from parking_jobs.sessions.schemas import REFUSED, UPDATES, bools, ints
from parking_jobs.sessions.shard import Shard, Step
from parking_jobs.sessions.transactions import Transactions
from parking_jobs.sessions.watch import Watch

log = logging.getLogger(__name__)
_MAX_BATCH = 20_000
_PACE_SECONDS = 0.01
_TICK_MS = 250
_SIGN_SECONDS = 5.0
_PATIENCE_SECONDS = 10
_PAUSE_SECONDS = 1.0


class Engine:
    """Takes records, folds them, delivers what comes of it: ``run`` until told to stop. Raises KafkaException."""

    def __init__(
        self, document: SessionJobDocument, consumer: Consumer, delivery: Delivery, progress: Progress
    ) -> None:
        run = uuid.uuid4().hex
        self._topics, self._consumer, self._delivery, self._progress = document.topics, consumer, delivery, progress
        self._shard = Shard(document, run)
        self._encoder = SessionEncoder(document.lot, document.tariff)
        self._holdings = Holdings(run)
        self._membership = Membership(document, consumer, self._holdings, delivery.settle, progress)
        self._max_batch = min(_MAX_BATCH, document.max_events_per_trigger)
        self._number = 0
        self._backlog = False
        self._taken = 0.0
        self._next_tick = self._next_sign = 0.0

    def run(self, stop: threading.Event) -> None:
        """Fold until ``stop``; then everything folded is settled."""
        self._membership.join()
        try:
            while not stop.is_set():
                try:
                    self._turn()
                except VoidError as failure:
                    log.warning("a step came to nothing: %s", failure)
                    self._membership.rewind()
            self._delivery.settle()
        except VoidError as failure:
            log.warning("the last step came to nothing and will be read again: %s", failure)
        except KafkaException:
            self._membership.leave()
            raise

    def _turn(self) -> None:
        self._pace()
        records = self._membership.take(self._max_batch)
        self._taken = time.monotonic()
        self._backlog = records.num_rows == self._max_batch
        if records.num_rows:
            self._fold(records)
        else:
            self._delivery.settle()
        now = wall_ms()
        if now >= self._next_tick:
            self._next_tick = now + _TICK_MS
            self._tick(now)
        if self._membership.joined and time.monotonic() > self._next_sign:
            self._give_sign()

    def _pace(self) -> None:
        """In a trickle, let the last step end, then rest for half as long as it took while records gather.

        Ten at once cost hardly more than one. And a transaction that begins right after another finds the broker busy,
        upon which the client waits 20 ms.
        """
        if self._backlog:
            return
        with self._progress.phase("deliver"):
            self._delivery.finish()
        with self._progress.phase("pace"):
            time.sleep(min((time.monotonic() - self._taken) / 2, _PACE_SECONDS))

    def _fold(self, records: pa.Table) -> None:
        begun = time.perf_counter()
        with self._progress.phase("fold"):
            step = self._shard.step(self._holdings.state, records, wall_ms(), silent=())
            self._holdings.advance(records, step.state)
        self._deliver(step, set(ints(records, "partition").tolist()))
        self._report(records.num_rows, step, time.perf_counter() - begun)

    def _tick(self, now: int) -> None:
        """Let sessions lapse in partitions where nothing has come for as long, which only the broker can say."""
        due = [p for p, moment in self._shard.timeouts(self._holdings.state).items() if moment <= now]
        silent = [p for p in due if self._membership.is_read_up(p)]
        if silent:
            step = self._shard.step(self._holdings.state, None, now, silent)
            self._holdings.state = step.state
            self._deliver(step, silent)
            self._report(0, step, 0.0)

    def _deliver(self, step: Step, partitions: Collection[int]) -> None:
        with self._progress.phase("encode"):
            records = [
                *sessions_out(step, self._encoder, self._topics.processed),
                *quarantined_out(step, self._topics.raw, self._topics.quarantine),
            ]
        with self._progress.phase("deliver"):
            self._delivery.deliver(records, self._holdings.bookmarks(partitions))

    def _give_sign(self) -> None:
        """Without records, show now and then that the broker is there and has none."""
        self._consumer.list_topics(self._topics.raw, _PATIENCE_SECONDS)
        self._report(0, Step(UPDATES.empty_table(), REFUSED.empty_table(), self._holdings.state), 0.0)

    def _report(self, rows: int, step: Step, seconds: float) -> None:
        self._number += 1
        self._next_sign = time.monotonic() + _SIGN_SECONDS
        written, refused = step.updates.num_rows + step.refused.num_rows, step.refused.num_rows
        open_sessions = {0: int(bools(step.state.sessions, "is_open").sum())}
        lag = self._membership.lag()
        self._progress.take(Batch(self._number, rows, seconds, lag, refused, written, open_sessions))


def delivery_of(document: SessionJobDocument, consumer: Consumer, instance: str) -> Delivery:
    """Give the delivery that a document asks for; ``consumer`` is the group's member that read the records."""
    if document.delivery == "ExactlyOnce":
        return Transactions(document, consumer, instance)
    return AtLeastOnce(document, consumer)


def run_embedded(document: SessionJobDocument, instance: str, progress: Progress, stop: threading.Event) -> int:
    """Run until ``stop``, starting over from the topics after each failure; gives the exit code."""
    log.info("started lot=%s instance=%s delivery=%s", document.lot, instance, document.delivery)
    Watch(document, stop).start()
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
