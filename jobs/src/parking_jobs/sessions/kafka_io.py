"""Kafka as the embedded engine uses it: client settings, messages as tables, tables as messages."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
from confluent_kafka import Message

from parking.documents import SessionJobDocument
from parking_jobs.sessions.encode import QUARANTINE_HEADERS, SessionEncoder, quarantine_headers
from parking_jobs.sessions.schemas import RECORDS, ints, texts
from parking_jobs.sessions.shard import Step

SESSION_TIMEOUT_MS = 20_000
"""A process that is back within this time finds its partitions waiting; one that is not loses them to others."""
_MAX_REQUEST_BYTES = 2 * 1024 * 1024
_RECONNECT_MS = 500
"""Each attempt to reach a broker that is away is a line in the log."""


def consumer_settings(document: SessionJobDocument, instance: str) -> dict[str, object]:
    """Settings of the consumer of the raw topic; ``instance`` names the process within its group for good."""
    return {
        "bootstrap.servers": document.bootstrap_servers,
        "reconnect.backoff.ms": _RECONNECT_MS,
        "group.id": document.group,
        "group.instance.id": instance,
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": SESSION_TIMEOUT_MS,
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        # What waits in this process is bounded; the fetcher looks again soon when there is room.
        "queued.max.messages.kbytes": 16_384,
        "fetch.queue.backoff.ms": 5,
    }


def producer_settings(document: SessionJobDocument) -> dict[str, object]:
    """Settings of the producer, whatever the delivery."""
    return {
        "bootstrap.servers": document.bootstrap_servers,
        "reconnect.backoff.ms": _RECONNECT_MS,
        "enable.idempotence": True,
        "message.max.bytes": _MAX_REQUEST_BYTES,
        "queue.buffering.max.messages": 500_000,
        "queue.buffering.max.kbytes": 131_072,
        # The only compression that every client can read without a further library.
        "compression.type": "gzip",
        "compression.level": 1,
    }


def records_table(messages: Sequence[Message]) -> pa.Table:
    """Give messages of the raw topic as RECORDS."""
    columns = (
        [message.partition() for message in messages],
        [message.offset() for message in messages],
        [message.timestamp()[1] for message in messages],
        [message.key() for message in messages],
        [message.value() for message in messages],
    )
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, RECORDS, strict=True)], RECORDS)


class Outgoing(NamedTuple):
    """A record to write; ``partition`` -1 leaves the choice to the producer."""

    topic: str
    partition: int
    key: bytes | str | None
    value: bytes | str | None
    headers: list[tuple[str, str | bytes | None]] | None = None


def sessions_out(step: Step, encoder: SessionEncoder, topic: str) -> Iterator[Outgoing]:
    """Give the session updates of a step, each for the partition that mirrors its raw partition."""
    values = encoder.encode(step.updates).to_numpy(zero_copy_only=False).tolist()
    columns = (ints(step.updates, "partition").tolist(), texts(step.updates, "session_id"), values)
    for partition, key, value in zip(*columns, strict=True):
        yield Outgoing(topic, partition, key, value)


def quarantined_out(step: Step, raw: str, topic: str) -> Iterator[Outgoing]:
    """Give the refused records of a step with their reasons."""
    keys, values = step.refused["key"].to_pylist(), step.refused["value"].to_pylist()
    headers = quarantine_headers(step.refused, raw).to_pylist()
    for key, value, why in zip(keys, values, headers, strict=True):
        yield Outgoing(topic, -1, key, value, [(name, why[name]) for name in QUARANTINE_HEADERS])
