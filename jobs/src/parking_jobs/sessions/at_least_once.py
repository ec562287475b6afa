"""Delivery of records at once and of bookmarks now and then: fast, and known again by offsets after a crash."""

import logging
import time
from collections.abc import Iterable, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark, to_commit
from parking_jobs.sessions.delivery import PATIENCE_SECONDS, write
from parking_jobs.sessions.kafka_io import Outgoing, producer_settings

_COMMIT_SECONDS = 1.0
log = logging.getLogger(__name__)


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
        write(self._producer, records)
        self._unsettled.update(bookmarks)

    def finish(self) -> None:
        """Nothing to wait for: the broker takes records at any time."""

    def settle(self) -> None:
        """Wait until the broker has every record, then move the bookmarks."""
        while self._producer.flush(PATIENCE_SECONDS):
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
