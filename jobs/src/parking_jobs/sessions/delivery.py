"""How what was folded reaches Kafka together with how far it was read: in transactions, or at least once."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark, to_commit
from parking_jobs.sessions.kafka_io import Outgoing, producer_settings

_PATIENCE_SECONDS = 30
_COMMIT_SECONDS = 1.0
_TRANSACTION_TIMEOUT_MS = 15_000
"""Longer than any batch takes, shorter than the group waits for a lost process: its open transaction holds up
readers of the processed topic."""
log = logging.getLogger(__name__)


class VoidError(Exception):
    """Nothing of a step stands in Kafka, and the next one may succeed: its records have to be read again."""


class Delivery(Protocol):
    """Writes records and moves bookmarks. Methods raise KafkaException when neither can be done any more."""

    def deliver(self, records: Iterable[Outgoing], bookmarks: Mapping[int, Bookmark]) -> None:
        """Write the records of a step, which took its partitions to ``bookmarks``; may raise VoidError."""

    def settle(self) -> None:
        """See to it that everything delivered stands in Kafka, bookmarks included."""


def delivery_of(document: SessionJobDocument, consumer: Consumer, instance: str) -> Delivery:
    """Give the delivery that a document asks for; ``consumer`` is the group's member that read the records."""
    if document.delivery == "ExactlyOnce":
        return Transactions(document, consumer, instance)
    return AtLeastOnce(document, consumer)


class Transactions:
    """Records and bookmarks in one transaction per step: read-committed consumers see every update once."""

    def __init__(self, document: SessionJobDocument, consumer: Consumer, instance: str) -> None:
        self._raw, self._consumer = document.topics.raw, consumer
        self._producer = Producer(
            {
                **producer_settings(document),
                # A process that comes back under the same name ends what it left open at once.
                "transactional.id": f"{document.group}-{instance}",
                "transaction.timeout.ms": _TRANSACTION_TIMEOUT_MS,
                # The coordinator is busy for a moment after each commit; the default would wait 100 ms for it.
                "retry.backoff.ms": 2,
            },
            logger=log,
        )
        self._producer.init_transactions(_PATIENCE_SECONDS)

    def deliver(self, records: Iterable[Outgoing], bookmarks: Mapping[int, Bookmark]) -> None:
        """Commit a transaction, or abort it: so it ends when the group has shared out its partitions anew."""
        self._producer.begin_transaction()
        try:
            _produce(self._producer, records)
            self._producer.send_offsets_to_transaction(
                to_commit(self._raw, bookmarks), self._consumer.consumer_group_metadata(), _PATIENCE_SECONDS
            )
            _until_done(self._producer.commit_transaction)
        except KafkaException as failure:
            if not failure.args[0].txn_requires_abort():
                raise
            self._producer.abort_transaction(_PATIENCE_SECONDS)
            raise VoidError(str(failure)) from failure

    def settle(self) -> None:
        """Nothing is left to do: every step settles itself."""


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
        """Hand the records over; once a second, wait for them and move the bookmarks."""
        _produce(self._producer, records)
        self._unsettled.update(bookmarks)
        self._producer.poll(0)
        if time.monotonic() - self._last > _COMMIT_SECONDS:
            self.settle()

    def settle(self) -> None:
        """Wait until the broker has every record, then move the bookmarks."""
        while self._producer.flush(_PATIENCE_SECONDS):
            log.warning("records wait for the broker: %d", len(self._producer))
        if self._failure:
            raise KafkaException(self._failure)
        if self._unsettled:
            self._consumer.commit(offsets=to_commit(self._raw, self._unsettled), asynchronous=False)
        self._unsettled = {}
        self._last = time.monotonic()

    def _note_failure(self, error: KafkaError, _message: object) -> None:
        self._failure = self._failure or error


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
