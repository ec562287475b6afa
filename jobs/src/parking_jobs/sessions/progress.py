"""What the job says of itself: one log line per batch, Prometheus metrics, and whether it is alive."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypedDict

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Names(TypedDict):
    """What every metric's name begins with."""

    namespace: str
    subsystem: str


log = logging.getLogger(__name__)
_NAMES: Names = {"namespace": "parking", "subsystem": "sessions"}
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_STALLED_SECONDS = 60
_QUIET_LOG_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Batch:
    """A committed micro-batch. Seconds, rows and offsets; ``open_sessions`` per shard that took part."""

    number: int
    rows: int
    seconds: float
    lag: int
    quarantined: int
    written: int
    open_sessions: Mapping[int, int]

    @property
    def rows_per_second(self) -> float:
        """Rows taken in per second of the batch."""
        return self.rows / self.seconds if self.seconds else 0.0


def read_batch(progress: Mapping[str, Any]) -> Batch:
    """Read Spark's progress report (the JSON form of StreamingQueryProgress)."""
    sources = progress["sources"]
    observed = progress.get("observedMetrics", {}).get("shards") or {}
    return Batch(
        number=progress["batchId"],
        rows=progress["numInputRows"],
        seconds=progress["durationMs"].get("triggerExecution", 0) / 1000,
        lag=sum(_lag(source) for source in sources),
        quarantined=observed.get("quarantined") or 0,
        written=observed.get("written") or 0,
        open_sessions={row["shard"]: row["open_sessions"] for row in observed.get("open") or ()},
    )


def _lag(source: Mapping[str, Any]) -> int:
    """Records that wait in the topic: latest offsets less those that the batch ended at."""
    end, latest = source.get("endOffset") or {}, source.get("latestOffset") or {}
    return sum(
        max(0, offset - end.get(topic, {}).get(partition, 0))
        for topic, partitions in latest.items()
        for partition, offset in partitions.items()
    )


@dataclass(slots=True)
class _Tally:
    """Batches since the last log line."""

    rows: int = 0
    seconds: float = 0.0
    written: int = 0
    quarantined: int = 0

    def add(self, batch: Batch) -> None:
        self.rows += batch.rows
        self.seconds += batch.seconds
        self.written += batch.written
        self.quarantined += batch.quarantined


class Progress:
    """Collects batches. ``clock`` gives seconds that only grow; log lines are ``log_seconds`` apart at least."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, log_seconds: float = 0.0) -> None:
        self.clock = clock
        self._log_seconds = log_seconds
        self._tally = _Tally()
        self.registry = CollectorRegistry()
        self._open: dict[int, int] = {}
        self._last: Batch | None = None
        self._last_time = 0.0
        self._last_logged = float("-inf")
        counter = partial(Counter, **_NAMES, registry=self.registry)
        gauge = partial(Gauge, **_NAMES, registry=self.registry)
        self._rows = counter("rows", "Raw records taken in")
        self._quarantined = counter("quarantined", "Records refused into quarantine")
        self._written = counter("records_written", "Records written: session updates and quarantine")
        self._batches = Histogram(
            "batch_seconds", "Duration of a batch", buckets=_BUCKETS, registry=self.registry, **_NAMES
        )
        self._lag = gauge("lag_records", "Raw records that waited when the last batch was planned")
        self._open_sessions = gauge("open_sessions", "Open sessions of the shards heard of since the start")
        self._rate = gauge("rows_per_second", "Rows per second of the last batch")
        self._phases = counter("phase_seconds", "Time spent in each part of the loop", ["phase"])
        age = gauge("last_batch_age_seconds", "Time since the last committed batch")
        age.set_function(lambda: self.clock() - self._last_time if self._last else float("inf"))

    def take(self, batch: Batch) -> None:
        """Take in a committed batch."""
        now = self.clock()
        self._last, self._last_time = batch, now
        self._open.update(batch.open_sessions)
        self._rows.inc(batch.rows)
        self._quarantined.inc(batch.quarantined)
        self._written.inc(batch.written)
        self._batches.observe(batch.seconds)
        self._lag.set(batch.lag)
        self._open_sessions.set(sum(self._open.values()))
        self._rate.set(batch.rows_per_second)
        self._tally.add(batch)
        if now - self._last_logged >= (self._log_seconds if self._tally.rows else _QUIET_LOG_SECONDS):
            self._last_logged = now
            self._log(batch)

    def _log(self, batch: Batch) -> None:
        told, self._tally = self._tally, _Tally()
        log.info(
            "batch=%d rows=%d rows_per_s=%.0f seconds=%.3f lag=%d open_sessions=%d written=%d quarantined=%d",
            batch.number,
            told.rows,
            told.rows / told.seconds if told.seconds else 0.0,
            told.seconds,
            batch.lag,
            sum(self._open.values()),
            told.written,
            told.quarantined,
        )

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a part of the loop."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._phases.labels(name).inc(time.perf_counter() - begun)

    def state(self) -> dict[str, object]:
        """Say whether batches are being committed."""
        if self._last is None:
            return {"ready": False, "reason": "Starting", "message": "no batch committed yet"}
        age = self.clock() - self._last_time
        if age > _STALLED_SECONDS:
            return {"ready": False, "reason": "Stalled", "message": f"last batch committed {age:.0f} s ago"}
        told = {"batch": self._last.number, "lag": self._last.lag, "openSessions": sum(self._open.values())}
        return {"ready": True, **told, "lastBatchAgeSeconds": round(age, 1)}

    def metrics(self) -> bytes:
        """Prometheus text format."""
        return generate_latest(self.registry)
