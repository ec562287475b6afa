"""Partitions read once, from somewhere to where they end now."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from parking.documents import SessionJobDocument

_PATIENCE_SECONDS = 60
_CHUNK = 20_000


@contextmanager
def reader(document: SessionJobDocument, *, isolation: str = "read_committed") -> Iterator[Consumer]:
    """Give a consumer that takes no part in the group."""
    consumer = Consumer(
        {
            "bootstrap.servers": document.bootstrap_servers,
            "group.id": document.group,
            "enable.auto.commit": False,
            "isolation.level": isolation,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": 16_384,
            "fetch.queue.backoff.ms": 5,
        }
    )
    try:
        yield consumer
    finally:
        consumer.close()


def to_the_ends(consumer: Consumer, begin: Sequence[TopicPartition]) -> Iterator[list[Message]]:
    """Give the records from ``begin`` on; an open transaction is waited for, so that nothing is overlooked.

    Raises KafkaException, also when it takes too long.
    """
    consumer.assign(list(begin))
    unfinished = {(place.topic, place.partition) for place in begin}
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while unfinished:
        messages = consumer.consume(_CHUNK, 0.5)
        if messages:
            deadline = time.monotonic() + _PATIENCE_SECONDS
        elif time.monotonic() > deadline:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"partitions {sorted(unfinished)} were not read"))  # noqa: SLF001 - its public name
        for message in messages:
            if (error := message.error()) is None:
                continue
            if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                raise KafkaException(error)
            if _is_all(consumer, message):
                unfinished.discard((str(message.topic()), int(message.partition() or 0)))
        if records := [message for message in messages if message.error() is None]:
            yield records


def _is_all(consumer: Consumer, end: Message) -> bool:
    """Whether the end that a consumer has met is that of all records written, committed or not."""
    topic, partition, offset = end.topic(), end.partition(), end.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    _, written = consumer.get_watermark_offsets(TopicPartition(topic, partition), cached=True)
    return bool(offset >= written)
