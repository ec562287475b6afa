"""The topics and events of the session benchmarks, the same for every contender."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from parking.event import TIMESTAMP_FORMAT
from parking.lot import MAX_BAYS

PARTITIONS = 6
_STATUSES = ("PARKED", "EXITING")
PLATE_PREFIX = "51A-"
_PER_SECOND = 1_000
"""Pace of the events' own times."""
_ERRORS = 3
"""Syslog's number of what clients should print; a fresh broker's first hesitations are none."""

Ints = npt.NDArray[np.int64]


def create_topics(bootstrap: str, partitions: int, *topics: str) -> None:
    """Make topics whose records bear the broker's time."""
    stamp = {"message.timestamp.type": "LogAppendTime"}
    wanted = [NewTopic(topic, partitions, 1, config=stamp) for topic in topics]
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": _ERRORS})
    for made in client.create_topics(wanted).values():
        made.result(30)


def delete_topics(bootstrap: str, *topics: str) -> None:
    """Remove topics, so that a long benchmark does not fill the disk."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": _ERRORS})
    for gone in client.delete_topics(list(topics)).values():
        gone.result(30)


@dataclass(frozen=True)
class Traffic:
    """Events in the order in which they are sent: each one's car, by number, and whether the car leaves.

    A car's events all go to the partition that its number gives, so that an event's offset is known beforehand.
    """

    cars: Ints
    leaving: npt.NDArray[np.bool_]
    partitions: int
    begin: int
    """When the first event happens, unix seconds."""

    @classmethod
    def of(cls, count: int, plates: int, seed: int, partitions: int = PARTITIONS) -> Self:
        """First one event of every plate, then plates at random, 1 % of them leaving; the last one happens now."""
        rng = np.random.default_rng(seed)
        cars = np.concatenate([rng.permutation(plates), rng.integers(0, plates, max(0, count - plates))])[:count]
        leaving = rng.random(count) < 0.01
        leaving[:plates] = False
        return cls(cars, leaving, partitions, int(time.time()) - count // _PER_SECOND)

    def first(self, count: int) -> "Traffic":
        """Give the first ``count`` events."""
        return replace(self, cars=self.cars[:count], leaving=self.leaving[:count])

    def after(self, count: int) -> "Traffic":
        """Give what follows the first ``count`` events."""
        begin = self.begin + count // _PER_SECOND
        return replace(self, cars=self.cars[count:], leaving=self.leaving[count:], begin=begin)

    def from_now_on(self) -> "Traffic":
        """Give the same events, to happen from now on."""
        return replace(self, begin=int(time.time()))

    def __len__(self) -> int:
        return len(self.cars)

    @cached_property
    def _nth(self) -> list[Ints]:
        """For each partition and offset: the event's number among those of its car, from 1."""
        order = np.argsort(self.cars, kind="stable")
        sizes = np.bincount(self.cars)
        nth = np.empty(len(self), np.int64)
        nth[order] = np.arange(len(self)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
        return [nth[self.cars % self.partitions == p] for p in range(self.partitions)]

    def events_up_to(self, cars: Ints, offsets: Ints) -> Ints:
        """How many events each car has sent up to and including the one at that offset of its partition."""
        counts = np.empty(len(cars), np.int64)
        for partition, nth in enumerate(self._nth):
            here = cars % self.partitions == partition
            counts[here] = nth[offsets[here]]
        return counts

    def records(self) -> Iterator[tuple[int, str, str]]:
        """Give (partition, key, value) of each event."""
        for number, (car, leaves) in enumerate(zip(self.cars.tolist(), self.leaving.tolist(), strict=True)):
            if number % _PER_SECOND == 0:
                now = self.begin + number // _PER_SECOND
                text = time.strftime(TIMESTAMP_FORMAT, time.gmtime(now))
            plate, bay, status = f"{PLATE_PREFIX}{car:07d}", f"A{car % MAX_BAYS + 1}", _STATUSES[leaves]
            value = (
                f'{{"timestamp": "{text}", "timestamp_unix": {now}, "license_plate": "{plate}", '
                f'"location": "{bay}", "status_code": "{status}"}}'
            )
            yield car % self.partitions, plate, value


def bays(plates: int) -> list[str]:
    """Every car has a bay of its own, as far as a lot may have bays; then some share one."""
    return [f"A{number + 1}" for number in range(min(plates, MAX_BAYS))]


def send(
    bootstrap: str,
    topic: str,
    traffic: Traffic,
    *,
    per_second: float | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Produce events in order, at a steady rate or as fast as they go; ``stop`` ends it early."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "log_level": _ERRORS,
            "enable.idempotence": True,
            "linger.ms": 5,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    start = time.monotonic()
    for number, (partition, key, value) in enumerate(traffic.records()):
        if stop and stop.is_set():
            break
        if per_second and (wait := start + number / per_second - time.monotonic()) > 0:
            producer.poll(wait)
        while True:
            try:
                producer.produce(topic, key=key, value=value, partition=partition)
                break
            except BufferError:
                producer.poll(0.1)
        if number % 1_000 == 0:
            producer.poll(0)
    if producer.flush(60):
        raise RuntimeError("events are still waiting after 60 s")


class Feeder:
    """Sends events at a steady rate, as they happen, from a thread of its own while the block runs."""

    def __init__(self, bootstrap: str, topic: str, traffic: Traffic, per_second: float) -> None:
        self._stop = threading.Event()
        given = (bootstrap, topic, traffic.from_now_on())
        options = {"per_second": per_second, "stop": self._stop}
        self._thread = threading.Thread(target=send, args=given, kwargs=options, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(10)
