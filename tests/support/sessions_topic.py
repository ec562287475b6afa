"""Reading the topics of the session job as its consumers do, and what the oracle makes of the raw one."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, TopicPartition

from parking.documents import SessionJobDocument
from parking.event import RawEvent, RefusedError, parse_event
from parking.plate import normalise_plate
from tests.support.broker import consume_all, create_topics
from tests.support.oracle import Oracle, Seen, upsert

Table = dict[str, dict]


def make_topics(document: SessionJobDocument, partitions: int) -> None:
    """The three topics, as the platform makes them."""
    servers, topics = document.bootstrap_servers, document.topics
    create_topics(servers, [topics.processed], partitions=partitions)
    create_topics(servers, [topics.quarantine], config={"max.message.bytes": "2097152"})
    create_topics(servers, [topics.raw], partitions=partitions, config={"message.timestamp.type": "LogAppendTime"})


def oracle_of(document: SessionJobDocument) -> Oracle:
    """Let the oracle see everything in the raw topic that is a valid event, in each partition's order."""
    oracle = Oracle(document.lot, document.timeout_seconds, document.tariff)
    records = consume_all(document.bootstrap_servers, document.topics.raw)
    for record in sorted(records, key=lambda r: (r.partition(), r.offset())):
        try:
            event: RawEvent = parse_event(record.value())
        except RefusedError:
            continue
        oracle.see(
            [
                Seen(
                    plate=normalise_plate(event.license_plate),
                    bay=event.location.upper(),
                    time=event.timestamp_unix,
                    arrival=record.timestamp()[1],
                    exiting=event.status_code == "EXITING",
                    partition=record.partition(),
                    offset=record.offset(),
                )
            ]
        )
    return oracle


class TableReader:
    """A consumer that upserts the processed topic into a table, reading on where it stopped."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self.table: Table = {}
        self.records = 0

    def read_until(self, done: Callable[[Table], bool], timeout: float) -> Table:
        """Read until ``done`` says so of the table."""
        deadline = time.monotonic() + timeout
        while not done(self.table):
            assert time.monotonic() < deadline, f"not done after {timeout} s: {len(self.table)} sessions"
            for record in self._consumer.consume(10_000, 0.2):
                assert record.error() is None, record.error()
                row = json.loads(record.value())
                assert record.key().decode() == row["session_id"]
                upsert(self.table, row)
                self.records += 1
        return self.table


@contextmanager
def table_reader(document: SessionJobDocument, partitions: int) -> Iterator[TableReader]:
    """Read the processed topic from its beginning."""
    consumer = Consumer({"bootstrap.servers": document.bootstrap_servers, "group.id": "t", "enable.auto.commit": False})
    consumer.assign([TopicPartition(document.topics.processed, partition, 0) for partition in range(partitions)])
    try:
        yield TableReader(consumer)
    finally:
        consumer.close()


def all_ended(table: Table) -> bool:
    """No session is open any more."""
    return bool(table) and all(row["status"] != "ACTIVE" for row in table.values())
