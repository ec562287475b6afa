"""What a contender wrote and when: events folded per second, and latency."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
from confluent_kafka import Consumer, TopicPartition
from events import PLATE_PREFIX, Ints, Traffic

Floats = npt.NDArray[np.float64]
_FIELDS = pa.schema([("license_plate", pa.string()), ("version", pa.int64()), ("last_arrival", pa.int64())])
_PARSE = pj.ParseOptions(explicit_schema=_FIELDS, unexpected_field_behavior="ignore")
_FIRST_SECONDS = 0.2
_MANY = 5_000


@dataclass(frozen=True)
class Written:
    """Session records: when the broker took each and when we read it (unix seconds), and what it says.

    ``offsets`` are those of the newest events that the records know of, ``arrivals`` when these came (unix ms).
    ``cars`` are the numbers in the plates of Traffic, -1 for other plates.
    """

    appended: Floats
    read: Floats
    cars: Ints
    offsets: Ints
    arrivals: Ints

    def __len__(self) -> int:
        return len(self.cars)

    @classmethod
    def of(cls, raw: Sequence[tuple[float, float, bytes]]) -> "Written":
        """Understand (appended, read, value) of records."""
        fields = _FIELDS.empty_table()
        if raw:
            fields = pj.read_json(pa.BufferReader(b"\n".join(value for _, _, value in raw)), parse_options=_PARSE)
        numbers = pc.extract_regex(fields["license_plate"], rf"^{PLATE_PREFIX}(?P<car>[0-9]+)$")
        return cls(
            appended=np.array([appended for appended, _, _ in raw]),
            read=np.array([read for _, read, _ in raw]),
            cars=pc.struct_field(numbers, "car").cast(pa.int64()).fill_null(-1).to_numpy(),
            offsets=fields["version"].to_numpy() // 2 - 1,
            arrivals=fields["last_arrival"].to_numpy(),
        )

    def __add__(self, other: "Written") -> "Written":
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__dataclass_fields__)
        return Written(*map(np.concatenate, pairs))

    @property
    def latencies_ms(self) -> list[float]:
        """From the broker taking the newest event to our reading the session."""
        latencies: list[float] = (self.read * 1_000 - self.arrivals).tolist()
        return latencies


class Output:
    """Reads a contender's output topic, of transactions only those committed."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "bench",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 5,
            }
        )
        self._places = [TopicPartition(topic, partition, 0) for partition in range(partitions)]
        self._consumer.assign(self._places)

    def read(self, seconds: float) -> Written:
        """Read what arrives within some seconds, each record as soon as it can be had."""
        raw, deadline = [], time.time() + seconds
        while (left := deadline - time.time()) > 0:
            record = self._consumer.poll(left)
            now = time.time()
            if record and not record.error():
                raw.append((record.timestamp()[1] / 1_000, now, record.value()))
        return Written.of(raw)

    def read_waiting(self, seconds: float = 1) -> Written:
        """Read what waits, many records at once, until fewer come within some seconds."""
        raw, came = [], _MANY
        while came == _MANY:
            records = self._consumer.consume(_MANY, seconds)
            now, came = time.time(), len(records)
            raw += [(record.timestamp()[1] / 1_000, now, record.value()) for record in records if not record.error()]
        return Written.of(raw)

    def size(self) -> int:
        """Where the topic ends: it grows while a contender writes."""
        return sum(self._consumer.get_watermark_offsets(place, timeout=10)[1] for place in self._places)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._consumer.close()


def folded(written: Written, traffic: Traffic) -> tuple[Floats, Ints]:
    """How many events had been folded when the broker took each of the records, in order of time.

    An event counts once a session of its car speaks of it or of a later one. That is the same for all contenders,
    whether they report every event or only the last of a batch.
    """
    by_time = np.argsort(written.appended, kind="stable")
    cars = written.cars[by_time]
    counts = traffic.events_up_to(cars, written.offsets[by_time])
    # Per car, in order of time, the growth over the most that was known before.
    by_car = np.argsort(cars, kind="stable")
    base = cars[by_car] * (len(traffic) + 1)
    known = np.maximum.accumulate(base + counts[by_car])
    growth = np.empty(len(cars), np.int64)
    growth[by_car] = known - np.maximum(np.concatenate([[0], known[:-1]]), base)
    return written.appended[by_time], np.cumsum(growth)


@dataclass(frozen=True)
class Rate:
    """Events folded from one moment to another (unix seconds)."""

    begin: float
    end: float
    events: int

    @property
    def per_second(self) -> float:
        """Sustained rate."""
        return self.events / (self.end - self.begin)


def sustained(written: Written, traffic: Traffic, *, since: float = 0, after: int = 0) -> Rate:
    """How fast events were folded: outputs appear when their events are done, so count from the first appearance.

    Or count from a later moment (``since``, unix seconds), or when so many events were folded (``after``).
    """
    times, done = folded(written, traffic)
    late = (times >= max(times[0] + _FIRST_SECONDS, since)) & (done >= after)
    start = max(0, int(np.argmax(late)) - 1)
    return Rate(float(times[start]), float(times[-1]), int(done[-1] - done[start]))


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1)}
