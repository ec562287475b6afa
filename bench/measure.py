"""Measuring a contender from outside: its processes' CPU and memory, and what it wrote and when."""

import json
import statistics
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import psutil
from confluent_kafka import Consumer, TopicPartition


@dataclass
class Usage:
    """CPU seconds and memory of a process tree over time, sampled from a thread. Memory is the proportional share."""

    pid: int
    samples: list[tuple[float, float]] = field(default_factory=list)
    now_bytes: int = 0
    peak_bytes: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        ended: dict[int, float] = {}
        while not self._stop.wait(0.5):
            memory = 0
            try:
                root = psutil.Process(self.pid)
                for process in (root, *root.children(recursive=True)):
                    times = process.cpu_times()
                    ended[process.pid] = times.user + times.system
                    memory += process.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue
            self.samples.append((time.time(), sum(ended.values())))
            self.now_bytes = memory
            self.peak_bytes = max(self.peak_bytes, memory)

    def cpu_between(self, begin: float, end: float) -> float:
        """CPU seconds used between two wall times, interpolated."""
        return self._cpu_at(end) - self._cpu_at(begin)

    def _cpu_at(self, moment: float) -> float:
        index = bisect_left(self.samples, (moment, 0.0))
        if index in {0, len(self.samples)}:
            return self.samples[min(index, len(self.samples) - 1)][1]
        (t0, c0), (t1, c1) = self.samples[index - 1], self.samples[index]
        return c0 + (c1 - c0) * (moment - t0) / (t1 - t0)


@dataclass(frozen=True)
class Written:
    """One session record: when the broker took it and when we read it (unix seconds), and what it says."""

    appended: float
    read: float
    session_id: str
    version: int
    last_arrival: int


class Output:
    """Reads a contender's output topic."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "bench",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 5,
            }
        )
        self._places = [TopicPartition(topic, partition, 0) for partition in range(partitions)]
        self._consumer.assign(self._places)

    def read(self, seconds: float) -> list[Written]:
        """Read what arrives within some seconds."""
        raw, deadline = [], time.time() + seconds
        while (left := deadline - time.time()) > 0:
            records = self._consumer.consume(5_000, min(left, 0.02))
            now = time.time()
            raw += [(record.timestamp()[1] / 1000, now, record.value()) for record in records if not record.error()]
        return [_written(*item) for item in raw]

    def size(self) -> int:
        """Records in the topic."""
        return sum(self._consumer.get_watermark_offsets(place, timeout=10)[1] for place in self._places)

    def close(self) -> None:
        """Leave."""
        self._consumer.close()


def _written(appended: float, read: float, value: bytes) -> Written:
    row = json.loads(value)
    return Written(appended, read, row["session_id"], row["version"], row["last_arrival"])


@dataclass(frozen=True)
class Rate:
    """Events folded between the first output and the last (unix seconds)."""

    begin: float
    end: float
    events: int

    @property
    def per_second(self) -> float:
        """Sustained rate."""
        return self.events / (self.end - self.begin)


def sustained(written: Sequence[Written]) -> Rate:
    """How fast events were folded: outputs appear when their events are done, so count from the first appearance."""
    ordered = sorted(written, key=lambda w: w.appended)
    begin, end = ordered[0].appended, ordered[-1].appended
    first = folded([w for w in ordered if w.appended <= begin + 0.2])
    begin = max(w.appended for w in ordered if w.appended <= begin + 0.2)
    return Rate(begin, end, folded(ordered) - first)


def folded(written: Sequence[Written]) -> int:
    """Events that went into the sessions: half of each session's newest version."""
    newest: dict[str, int] = {}
    for w in written:
        newest[w.session_id] = max(newest.get(w.session_id, 0), w.version)
    return sum(version // 2 for version in newest.values())


def latencies_ms(written: Sequence[Written]) -> list[float]:
    """From the broker taking the newest event to our reading the session, milliseconds."""
    return [w.read * 1000 - w.last_arrival for w in written]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1)}
