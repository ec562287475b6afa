"""How what was folded reaches Kafka together with how far it was read: in transactions, or at least once."""

import logging
from collections.abc import Iterable, Mapping
from typing import Protocol

from confluent_kafka import KafkaException, Producer

from parking_jobs.sessions.bookmarks import Bookmark
from parking_jobs.sessions.kafka_io import Outgoing

PATIENCE_SECONDS = 30
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


def write(producer: Producer, records: Iterable[Outgoing]) -> None:
    """Hand records to the producer, waiting while it is full."""
    for topic, partition, key, value, headers in records:
        while True:
            try:
                producer.produce(topic, value, key, partition, headers=headers)
                break
            except BufferError:
                producer.poll(0.1)


def commit_by_all_means(producer: Producer) -> None:
    """Commit the transaction that is open, waiting for as long as the broker may yet take it. Raises KafkaException."""
    while True:
        try:
            producer.commit_transaction(PATIENCE_SECONDS)
        except KafkaException as failure:
            if not failure.args[0].retriable():
                raise
            log.warning("the transaction waits for the broker: %s", failure)
        else:
            return
