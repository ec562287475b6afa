"""A real broker for tests, and the few things tests do with one."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from parking.errors import ParkingError
from parking_local.broker import Broker, BrokerSettings, are_ready, cluster_commands
from parking_local.ports import check_free, free_port

Record = tuple[str | bytes | None, str | bytes]


@contextmanager
def kafka_broker(folder: Path, *, partitions: int = 1, log_dir: Path | None = None) -> Iterator[Broker]:
    """Yield a started broker with its data under ``folder``; ended also when the test fails."""
    settings = BrokerSettings(port=free_port(), data_dir=folder / "kafka", partitions=partitions)
    broker = Broker(settings, log_file=log_dir / "broker.log" if log_dir else None)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


def free_ports(count: int) -> int:
    """Give the first of so many free ports in a row."""
    while True:
        first = free_port()
        try:
            for port in range(first, first + count):
                check_free(port)
        except (ParkingError, OverflowError):
            continue
        return first


@contextmanager
def kafka_cluster(folder: Path, *, brokers: int = 3, partitions: int = 1) -> Iterator[list[Broker]]:
    """Yield the started brokers of a cluster, each to be killed and started; ended also when the test fails."""
    settings = BrokerSettings(free_ports(brokers), folder / "kafka", partitions, brokers)
    commands = enumerate(cluster_commands(settings), 1)
    logs = {number: folder / f"broker-{number}.log" for number in range(1, brokers + 1)}
    nodes = [Broker(settings, number=number, argv=argv, log_file=logs[number]) for number, argv in commands]
    try:
        for node in nodes:
            node.launch()
        for node in nodes:
            node.wait_until_ready()
        while not are_ready(settings):
            time.sleep(0.1)
        yield nodes
    finally:
        for node in nodes:
            node.kill()


def create_topics(
    bootstrap: str,
    names: Iterable[str],
    *,
    partitions: int = 1,
    replicas: int = 1,
    config: Mapping[str, str] | None = None,
) -> None:
    """Make topics and wait until every partition has a leader."""
    wanted = [NewTopic(name, partitions, replicas, config=dict(config or {})) for name in names]
    client = AdminClient({"bootstrap.servers": bootstrap})
    for made in client.create_topics(wanted).values():
        made.result(30)
    for topic in wanted:
        while any(
            p.leader < 0 for p in client.list_topics(topic.topic, timeout=10).topics[topic.topic].partitions.values()
        ):
            time.sleep(0.05)


def produce(bootstrap: str, topic: str, records: Iterable[Record], *, partition: int | None = None) -> None:
    """Send (key, value) pairs and wait until the broker has them all."""
    failures: list[KafkaError] = []
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "enable.idempotence": True})

    def delivered(error: KafkaError | None, _message: Message) -> None:
        if error:
            failures.append(error)

    target = {} if partition is None else {"partition": partition}
    for number, (key, value) in enumerate(records):
        producer.produce(topic, key=key, value=value, on_delivery=delivered, **target)
        if number % 10_000 == 0:
            producer.poll(0)
    assert producer.flush(30) == 0, "records are still waiting after 30 s"
    assert not failures, failures[0]


def consume_all(
    bootstrap: str, topic: str, *, at_least: int = 0, timeout: float = 30, isolation: str = "read_committed"
) -> list[Message]:
    """Read a topic from its start to its end, waiting up to ``timeout`` seconds until it holds ``at_least`` records."""
    settings = {"enable.auto.commit": False, "enable.partition.eof": True, "isolation.level": isolation}
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "test", **settings})
    messages: list[Message] = []
    deadline = time.monotonic() + timeout
    try:
        unfinished = set(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, partition, 0) for partition in unfinished])
        while (unfinished or len(messages) < at_least) and time.monotonic() < deadline:
            for message in consumer.consume(1_000, 0.2):
                if message.error() is None:
                    messages.append(message)
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    unfinished.discard(message.partition())
    finally:
        consumer.close()
    assert len(messages) >= at_least, f"{topic}: {len(messages)} records after {timeout} s, expected {at_least}"
    return messages
