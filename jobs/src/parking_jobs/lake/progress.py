"""What the lake's job says of itself: a log line per commit, Prometheus metrics, and whether it is at work."""

import logging
import time
from collections.abc import Callable
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from parking_jobs.lake.commit import Committed

log = logging.getLogger(__name__)
_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class LakeProgress:
    """Collects commits. ``clock`` gives unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.registry = CollectorRegistry()
        counter = partial(Counter, namespace="parking", subsystem="lake", labelnames=["table"], registry=self.registry)
        gauge = partial(Gauge, namespace="parking", subsystem="lake", labelnames=["table"], registry=self.registry)
        self._records = counter("records", "Records taken in")
        self._refused = counter("refused", "Records refused into quarantine")
        self._repeated = counter("repeated", "Records that the table had already")
        self._stored = counter("rows_stored", "Rows stored")
        self._delay = gauge("delay_seconds", "Age of the newest record when it became visible in the table")
        self._seconds = Histogram(
            "commit_seconds",
            "Time from the start of a batch to its commit",
            ["table"],
            namespace="parking",
            subsystem="lake",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._waiting: set[str] = set()
        self._started = False

    def expect(self, tables: set[str]) -> None:
        """Say which tables are going to be written; until ``settled`` has been called for each, nothing is ready."""
        self._waiting, self._started = set(tables), True

    def settled(self, table: str) -> None:
        """Hear that the records of a table are being read."""
        self._waiting.discard(table)

    def take(self, table: str, done: Committed, seconds: float) -> None:
        """Take in a commit."""
        self.settled(table)
        delay = self._clock() - done.newest_arrival.timestamp()
        self._records.labels(table).inc(done.records)
        self._refused.labels(table).inc(done.refused)
        self._repeated.labels(table).inc(max(0, done.repeated))
        self._stored.labels(table).inc(done.stored)
        self._delay.labels(table).set(delay)
        self._seconds.labels(table).observe(seconds)
        log.info(
            "table=%s records=%d stored=%d refused=%d seconds=%.3f delay=%.1f",
            *(table, done.records, done.stored, done.refused, seconds, delay),
        )

    def state(self) -> dict[str, object]:
        """Say whether every table is being written."""
        if not self._started:
            return {"ready": False, "reason": "Starting", "message": "Spark is starting"}
        if self._waiting:
            return {"ready": False, "reason": "Starting", "message": f"waits for {', '.join(sorted(self._waiting))}"}
        return {"ready": True}

    def metrics(self) -> bytes:
        """Prometheus text format."""
        return generate_latest(self.registry)
