"""Reading the topics of the session job as its consumers do."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, TopicPartition

from parking.documents import SessionJobDocument
from tests.support.broker import create_topics
from tests.support.oracle import upsert

Table = dict[str, dict]


def make_topics(document: SessionJobDocument, partitions: int, *, stamp: str = "LogAppendTime") -> None:
    """The three topics, as the platform makes them; ``stamp`` CreateTime keeps the arrivals of a recording."""
    servers, topics = document.bootstrap_servers, document.topics
    create_topics(servers, [topics.processed], partitions=partitions)
    create_topics(servers, [topics.quarantine], config={"max.message.bytes": "2097152"})
    create_topics(servers, [topics.raw], partitions=partitions, config={"message.timestamp.type": stamp})


class TableReader:
    """A read-committed consumer that upserts the processed topic into a table, reading on where it stopped."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self.table: Table = {}
        self.seen: Counter[tuple[str, int]] = Counter()
        """How often each version of each session was read."""

    @property
    def records(self) -> int:
        """Records read."""
        return self.seen.total()

    @property
    def doubles(self) -> list[tuple[str, int]]:
        """Updates that came more than once."""
        return [update for update, times in self.seen.items() if times > 1]

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
                self.seen[row["session_id"], row["version"]] += 1
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
