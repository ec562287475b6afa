"""Three brokers, one of which is killed: nothing that was acknowledged is lost, and producing goes on."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from parking.brokers import client_settings
from parking_local.broker import Broker
from tests.support.broker import consume_all, create_topics, kafka_cluster

pytestmark = pytest.mark.broker

TOPIC, PARTITIONS = "kept", 6


class Stream:
    """A thread that produces numbers, to each partition in turn, and notes what is acknowledged and when."""

    def __init__(self, bootstrap: str) -> None:
        settings = {**client_settings(bootstrap), "enable.idempotence": True, "acks": "all", "linger.ms": 5}
        self.acknowledged: list[bytes] = []
        self.failures: list[KafkaError] = []
        self.times: dict[int, list[float]] = {partition: [] for partition in range(PARTITIONS)}
        self._producer = Producer(settings)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        while not self._stop.wait(0.002):
            value = str(number).encode()
            self._producer.produce(TOPIC, value, partition=number % PARTITIONS, on_delivery=self._delivered)
            self._producer.poll(0)
            number += 1

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error:
            self.failures.append(error)
            return
        self.acknowledged.append(message.value())
        self.times[message.partition()].append(time.monotonic())

    def went_on_since(self, moment: float, records: int = 100) -> bool:
        """Whether each partition has acknowledged so many records."""
        return all(sum(when > moment for when in times[-records:]) >= records for times in self.times.values())

    def end(self) -> None:
        self._stop.set()
        self._thread.join(10)
        assert self._producer.flush(30) == 0, "records are still waiting after 30 s"

    @property
    def longest_gap(self) -> float:
        """Seconds between two acknowledgements of a partition, at most."""
        return max(after - before for times in self.times.values() for before, after in pairwise(times))


def wait_until(true: Callable[[], object], what: str, timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {timeout:.0f} s"
        time.sleep(0.1)


def in_sync(admin: AdminClient) -> dict[str, set[int]]:
    """Numbers of copies that are in sync, of each topic's partitions."""
    topics = admin.list_topics(timeout=10).topics
    return {name: {len(p.isrs) for p in topic.partitions.values()} for name, topic in topics.items()}


def commit(bootstrap: str) -> None:
    consumer = Consumer({**client_settings(bootstrap), "group.id": "kept"})
    consumer.commit(offsets=[TopicPartition(TOPIC, 0, 0)], asynchronous=False)
    consumer.close()


def leader(admin: AdminClient, nodes: list[Broker]) -> Broker:
    """Give the broker that leads the first partition."""
    number = admin.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions[0].leader
    return next(node for node in nodes if node.number == number)


def test_a_broker_is_killed_and_nothing_is_lost(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    with kafka_cluster(tmp_path, brokers=3) as nodes:
        bootstrap = nodes[0].bootstrap_servers
        create_topics(bootstrap, [TOPIC], partitions=PARTITIONS, replicas=3, config={"min.insync.replicas": "2"})
        commit(bootstrap)
        admin = AdminClient(client_settings(bootstrap))
        stream = Stream(bootstrap)
        wait_until(lambda: stream.went_on_since(0), "the first acknowledgements")

        killed = leader(admin, nodes)
        moment = time.monotonic()
        killed.kill()
        wait_until(lambda: stream.went_on_since(moment), f"producing without broker {killed.number}")
        commit(bootstrap)
        stream.end()

        assert not stream.failures, stream.failures[0]
        read = Counter(message.value() for message in consume_all(bootstrap, TOPIC))
        assert read == Counter(stream.acknowledged), "each record that was acknowledged, exactly once"
        record_property("longest_gap_seconds", round(stream.longest_gap, 1))
        assert stream.longest_gap < 30, f"the longest gap was {stream.longest_gap:.1f} s"

        killed.start()
        wait_until(lambda: in_sync(admin) == {TOPIC: {3}, "__consumer_offsets": {3}}, "three copies in sync again")
