"""What transactions leave behind when their broker is killed while it commits one."""

import json
import random
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import group_reader
from parking_jobs.sessions.transactions import Transactions
from parking_local.broker import Broker
from tests.support.broker import consume_all, kafka_broker, produce
from tests.support.session_job import document
from tests.support.sessions_topic import make_topics

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

PARTITIONS = 40
"""So many that ending a transaction takes a while, in which the broker dies."""
KILLS = 8
"""At most: the broker need not be at the wrong moment each time."""
EVENTS = 2_000
"""In each partition, more than are folded."""
INSTANCE = "sessions-1"


def named(job: SessionJobDocument) -> Producer:
    name = {"transactional.id": f"{job.group}-{INSTANCE}", "retry.backoff.ms": 2, "log_level": 0}
    return Producer({"bootstrap.servers": job.bootstrap_servers, **name})


class Committing:
    """Transactions under the name of a job, each of which folds an event more of every partition than ``folded``."""

    def __init__(self, job: SessionJobDocument, folded: list[int]) -> None:
        self._job, self._folded = job, folded
        self.done = 0
        """Transactions that the broker has confirmed."""
        self.asked = threading.Event()
        """Set while a commit is asked for."""
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        producer = named(self._job)
        outsider = group_reader(self._job)
        try:
            producer.init_transactions(30)
            while True:
                producer.begin_transaction()
                self._folded = [count + 1 for count in self._folded]
                for partition, count in enumerate(self._folded):
                    producer.produce(self._job.topics.processed, json.dumps({"version": 2 * count}), "key", partition)
                offsets = [TopicPartition(self._job.topics.raw, p, count) for p, count in enumerate(self._folded)]
                producer.send_offsets_to_transaction(offsets, outsider.consumer_group_metadata(), 5)
                producer.flush(5)
                self.asked.set()
                producer.commit_transaction(5)
                self.asked.clear()
                self.done += 1
        except KafkaException:  # its broker is gone
            outsider.close()

    def wait(self, transactions: int) -> None:
        deadline = time.monotonic() + 60
        while self.done < transactions:
            assert time.monotonic() < deadline, "nothing is committed"
            time.sleep(0.01)


def seen(job: SessionJobDocument, partitions: int = PARTITIONS) -> tuple[list[list[int]], bool]:
    """Give the events whose updates a reader of committed records sees, and whether nothing stands open."""
    settings = {"bootstrap.servers": job.bootstrap_servers, "group.id": "reader", "enable.partition.eof": True}
    reader = Consumer(settings)
    places = [TopicPartition(job.topics.processed, partition, 0) for partition in range(partitions)]
    events: list[list[int]] = [[] for _ in places]
    ends: dict[int, int] = {}
    reader.assign(places)

    def is_closed() -> bool:
        written = [reader.get_watermark_offsets(place, cached=True)[1] for place in places]
        return all(ends.get(partition) == end for partition, end in enumerate(written))

    deadline = time.monotonic() + 10
    try:
        while not is_closed() and time.monotonic() < deadline:
            for message in reader.consume(1_000, 0.5):
                if message.error():
                    ends[message.partition()] = message.offset()
                else:
                    events[message.partition()].append(json.loads(message.value())["version"] // 2 - 1)
        return events, is_closed()
    finally:
        reader.close()


def written(bootstrap_servers: str, topic: str) -> list[Message]:
    """Read all records that are there, committed or not."""
    return consume_all(bootstrap_servers, topic, isolation="read_uncommitted")


def take_over(job: SessionJobDocument) -> None:
    """Begin anew as a job does that has come back under its name."""
    consumer = group_reader(job)
    try:
        Transactions(job, consumer, INSTANCE)
    finally:
        consumer.close()


def die_amid_mending(job: SessionJobDocument) -> None:
    """Begin anew, and end after what stood open has been aborted and before it is written again."""

    def die(*_: object) -> None:
        raise KafkaException(KafkaError(KafkaError._FAIL, "killed"))

    with pytest.MonkeyPatch.context() as patch, suppress(KafkaException):
        patch.setattr("parking_jobs.sessions.mending.lost_records", die)
        take_over(job)


def bookmarks(job: SessionJobDocument) -> list[int]:
    outsider = group_reader(job)
    try:
        found = outsider.committed([TopicPartition(job.topics.raw, p) for p in range(PARTITIONS)], timeout=30)
    finally:
        outsider.close()
    return [max(0, place.offset) for place in found]


def test_beginning_writes_nothing(tmp_path: Path) -> None:
    with kafka_broker(tmp_path) as broker:
        job = document(broker.bootstrap_servers, tmp_path, engine="Embedded", delivery="ExactlyOnce")
        make_topics(job, 2)
        take_over(job)
        for name in (job.topics.processed, job.topics.quarantine):
            assert written(job.bootstrap_servers, name) == []
        _, is_closed = seen(job, 2)
        assert is_closed


def kill_amid_commit(broker: Broker, job: SessionJobDocument, after: float) -> None:
    """Kill the broker so many seconds after it was asked to commit, have it back, and have it end what it knows of."""
    events, _ = seen(job)
    commits = Committing(job, [len(found) for found in events])  # what is there is known by its offsets
    commits.wait(5)
    assert commits.asked.wait(10), "no commit is asked for"
    time.sleep(after)
    broker.kill()
    broker.start()
    named(job).init_transactions(60)


def test_what_bookmarks_have_passed_is_there_once_though_the_broker_died_amid_the_commit(tmp_path: Path) -> None:
    rng = random.Random(7)
    with kafka_broker(tmp_path) as broker:
        job = document(broker.bootstrap_servers, tmp_path, engine="Embedded", delivery="ExactlyOnce")
        make_topics(job, PARTITIONS)
        for partition in range(PARTITIONS):
            produce(job.bootstrap_servers, job.topics.raw, [("key", b"event")] * EVENTS, partition=partition)
        for _ in range(KILLS):
            kill_amid_commit(broker, job, rng.uniform(0.002, 0.016))
            _, was_closed = seen(job)
            die_amid_mending(job)
            take_over(job)
            events, is_closed = seen(job)
            assert is_closed, "a transaction without an end holds up readers"
            for message in written(job.bootstrap_servers, job.topics.processed):
                assert json.loads(message.value())["version"], "readers of uncommitted records meet a stranger"
            for found, bookmark in zip(events, bookmarks(job), strict=True):
                assert found[:bookmark] == [*range(bookmark)]
                # What is there beyond its bookmark is known by its offsets when it is folded again.
                assert found[bookmark:] in ([], [bookmark])
            if not was_closed:
                break
