"""The topics and events of the session benchmarks, the same for every contender."""

import json
import time
from collections.abc import Iterator

import numpy as np
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

_STATUSES = ("PARKED", "EXITING")


def create_topic(bootstrap: str, topic: str, partitions: int) -> None:
    """Make a topic whose records bear the broker's time."""
    client = AdminClient({"bootstrap.servers": bootstrap})
    stamp = {"message.timestamp.type": "LogAppendTime"}
    for made in client.create_topics([NewTopic(topic, partitions, 1, config=stamp)]).values():
        made.result(30)


def make_events(count: int, plates: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Give ``count`` (key, value) pairs: first one event of every plate, then plates at random, 1 % of them leaving.

    Event times end now, a thousand events each second.
    """
    rng = np.random.default_rng(seed)
    cars = np.concatenate([rng.permutation(plates), rng.integers(0, plates, max(0, count - plates))])[:count]
    leaving = rng.random(count) < 0.01
    leaving[:plates] = False
    begin = int(time.time()) - count // 1_000
    for number, (car, leaves) in enumerate(zip(cars.tolist(), leaving.tolist(), strict=True)):
        now = begin + number // 1_000
        plate = f"51A-{car:06d}"
        yield (
            plate,
            json.dumps(
                {
                    "timestamp": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now)),
                    "timestamp_unix": now,
                    "license_plate": plate,
                    "location": f"A{car + 1}",
                    "status_code": _STATUSES[leaves],
                }
            ).encode(),
        )


def bays(plates: int) -> list[str]:
    """Every car has a bay of its own."""
    return [f"A{car + 1}" for car in range(plates)]


def send(bootstrap: str, topic: str, events: Iterator[tuple[str, bytes]], *, per_second: float | None = None) -> None:
    """Produce events at a steady rate, or as fast as they go."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "queue.buffering.max.messages": 1_000_000})
    start = time.monotonic()
    for number, (key, value) in enumerate(events):
        if per_second and (wait := start + number / per_second - time.monotonic()) > 0:
            producer.poll(wait)
        while True:
            try:
                producer.produce(topic, key=key, value=value)
                break
            except BufferError:
                producer.poll(0.1)
        if number % 1_000 == 0:
            producer.poll(0)
    if producer.flush(60):
        raise RuntimeError("events are still waiting after 60 s")
