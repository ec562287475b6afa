"""How what was folded reaches Kafka together with how far it was read: in transactions, or at least once."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark, to_commit
from parking_jobs.sessions.kafka_io import Outgoing, producer_settings

_PATIENCE_SECONDS = 30
_COMMIT_SECONDS = 1.0
_TRANSACTION_TIMEOUT_MS = 15_000
"""Longer than any batch takes, shorter than the group waits for a lost process: its open transaction holds up
readers of the processed topic."""
_HUNG_SECONDS = 20
"""Longer than a transaction may take."""
log = logging.getLogger(__name__)


class VoidError(Exception):
    """Nothing of a step stands in Kafka, and the next one may succeed: its records have to be read again."""


class Delivery(Protocol):
    """Writes records and moves bookmarks.

    Methods raise VoidError, or KafkaException when neither can be done any more; both may concern an earlier step.
    """

    def deliver(self, records: Iterable[Outgoing], bookmarks: Mapping[int, Bookmark]) -> None:
        """Write the records of a step, which took its partitions to ``bookmarks``."""

    def finish(self) -> None:
        """Wait until the broker is ready for another step."""

    def settle(self) -> None:
        """See to it that everything delivered stands in Kafka, bookmarks included."""


def delivery_of(document: SessionJobDocument, consumer: Consumer, instance: str) -> Delivery:
    """Give the delivery that a document asks for; ``consumer`` is the group's member that read the records."""
    if document.delivery == "ExactlyOnce":
        return Transactions(document, consumer, instance)
    return AtLeastOnce(document, consumer)


class Transactions:
    """Records and bookmarks in one transaction per step: read-committed consumers see every update once.

    A thread waits for the broker to commit, so that the next step may be folded meanwhile.
    """

    def __init__(self, document: SessionJobDocument, consumer: Consumer, instance: str) -> None:
        self._raw, self._consumer = document.topics.raw, consumer
        settings = {
            # A process that comes back under the same name ends what it left open at once.
            "transactional.id": f"{document.group}-{instance}",
            "transaction.timeout.ms": _TRANSACTION_TIMEOUT_MS,
            # The coordinator is busy for a moment after each commit; the default would wait 100 ms for it.
            "retry.backoff.ms": 2,
        }
        self._producer = Producer({**producer_settings(document), **settings}, logger=log)
        self._producer.init_transactions(_PATIENCE_SECONDS)
        self._under_way: Future[None] | None = None

    def deliver(self, records: Iterable[Outgoing], bookmarks: Mapping[int, Bookmark]) -> None:
        """Begin a transaction as soon as the one before is done, and have it committed."""
        self.finish()
        offsets, member = to_commit(self._raw, bookmarks), self._consumer.consumer_group_metadata()
        with self._void_when_aborted():
            self._producer.begin_transaction()
            _produce(self._producer, records)
        self._under_way = _in_thread(lambda: self._commit(offsets, member))

    def finish(self) -> None:
        """Wait for the transaction that is under way.

        The client may hang for good when its broker goes away meanwhile. Then a new producer of the same name takes
        over, upon which the broker ends what this one left open.
        """
        under_way, self._under_way = self._under_way, None
        try:
            if under_way:
                under_way.result(_HUNG_SECONDS)
        except TimeoutError:
            told = f"no answer to a commit within {_HUNG_SECONDS} s"
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, told)) from None  # noqa: SLF001 - its public name

    def settle(self) -> None:
        """Wait for the transaction that is under way: there is nothing else."""
        self.finish()

    def _commit(self, offsets: list[TopicPartition], member: object) -> None:
        with self._void_when_aborted():
            self._producer.send_offsets_to_transaction(offsets, member, _PATIENCE_SECONDS)
            _until_done(self._producer.commit_transaction)

    @contextmanager
    def _void_when_aborted(self) -> Iterator[None]:
        """Abort what fails: so it ends when the group has shared out its partitions anew meanwhile."""
        try:
            yield
        except KafkaException as failure:
            if not failure.args[0].txn_requires_abort():
                raise
            self._producer.abort_transaction(_PATIENCE_SECONDS)
            raise VoidError(str(failure)) from failure


class AtLeastOnce:
    """Records at once, bookmarks now and then: what is read again after a crash is known by its offsets."""

    def __init__(self, document: SessionJobDocument, consumer: Consumer) -> None:
        self._raw, self._consumer = document.topics.raw, consumer
        settings = {"linger.ms": 1, "delivery.report.only.error": True, "on_delivery": self._note_failure}
        self._producer = Producer({**producer_settings(document), **settings}, logger=log)
        self._failure: KafkaError | None = None
        self._unsettled: dict[int, Bookmark] = {}
        self._last = time.monotonic()

    def deliver(self, records: Iterable[Outgoing], bookmarks: Mapping[int, Bookmark]) -> None:
        """Hand the records over; once a second, move the bookmarks, without waiting if the broker has all so far."""
        self._producer.poll(0)
        if time.monotonic() - self._last > _COMMIT_SECONDS:
            if len(self._producer):
                self.settle()
            else:
                self._move_on()
        _produce(self._producer, records)
        self._unsettled.update(bookmarks)

    def finish(self) -> None:
        """Nothing to wait for: the broker takes records at any time."""

    def settle(self) -> None:
        """Wait until the broker has every record, then move the bookmarks."""
        while self._producer.flush(_PATIENCE_SECONDS):
            log.warning("records wait for the broker: %d", len(self._producer))
        self._move_on(wait=True)

    def _move_on(self, *, wait: bool = False) -> None:
        """Move the bookmarks past what the broker has."""
        if self._failure:
            raise KafkaException(self._failure)
        if self._unsettled:
            offsets = to_commit(self._raw, self._unsettled)
            if wait:
                self._consumer.commit(offsets=offsets, asynchronous=False)
            else:
                self._consumer.commit(offsets=offsets)
        self._unsettled = {}
        self._last = time.monotonic()

    def _note_failure(self, error: KafkaError, _message: object) -> None:
        self._failure = self._failure or error


def _in_thread(work: Callable[[], None]) -> Future[None]:
    """Do something in a thread that does not keep the program from ending."""
    future: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except (KafkaException, VoidError) as failure:
            future.set_exception(failure)
        else:
            future.set_result(None)

    threading.Thread(target=run, name="commit", daemon=True).start()
    return future


def _produce(producer: Producer, records: Iterable[Outgoing]) -> None:
    for topic, partition, key, value, headers in records:
        while True:
            try:
                producer.produce(topic, value, key, partition, headers=headers)
                break
            except BufferError:
                producer.poll(0.1)


def _until_done(commit: Callable[[float], None]) -> None:
    """Commit, waiting for as long as the broker may yet take it."""
    while True:
        try:
            commit(_PATIENCE_SECONDS)
        except KafkaException as failure:
            if not failure.args[0].retriable():
                raise
            log.warning("the transaction waits for the broker: %s", failure)
        else:
            return
