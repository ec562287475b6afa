"""What time it is for each partition: the broker's clock, read off the records, running on while there are none.

A partition's clock stands at the broker time of its newest record. While the partition is known to hold nothing
unread it runs on with wall time, a little late (``GRACE_MS``), so that it never passes a record still to come.
Wall time that went by while no job ran does not count: a new run starts the running-on anew.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa

from parking_jobs.sessions.schemas import ints

GRACE_MS = 1_000
"""Longer than the time between asking the broker for its end offsets and reading the wall clock."""


@dataclass(frozen=True, slots=True)
class PartitionClock:
    """One partition: broker time of its newest record and the wall time since when it is known to be read up."""

    broker: int
    read_up: int

    def at(self, now: int) -> int:
        """Broker time when the wall clock shows ``now`` (ms); never before the newest record."""
        return self.broker + max(0, now - self.read_up - GRACE_MS)

    def when(self, time: int) -> int:
        """Wall time (ms) at which this clock shows ``time``, if no record comes."""
        return self.read_up + GRACE_MS + time - self.broker if time > self.broker else self.read_up


@dataclass(frozen=True, slots=True)
class Clocks:
    """Clocks of all partitions that ever had a record. ``run`` names the run of the job that set them."""

    run: str
    partitions: Mapping[int, PartitionClock]

    @classmethod
    def none(cls, run: str) -> Self:
        """Clocks before any record."""
        return cls(run, {})

    def in_run(self, run: str, now: int) -> Self:
        """Give the clocks for a run; in a new one, running on starts at ``now``."""
        if run == self.run:
            return self
        restarted = {p: replace(clock, read_up=now) for p, clock in self.partitions.items()}
        return replace(self, run=run, partitions=restarted)

    def observe(self, records: pa.Table, now: int) -> Self:
        """Take in new records (partition, arrival in ms)."""
        newest = dict(self.partitions)
        partition, arrival = ints(records, "partition"), ints(records, "arrival")
        for p in np.unique(partition).tolist():
            before = newest[p].broker if p in newest else 0
            newest[p] = PartitionClock(broker=max(before, int(arrival[partition == p].max())), read_up=now)
        return replace(self, partitions=newest)

    def monotone(self, records: pa.Table) -> pa.Table:
        """Give records sorted by offset in each partition, their arrivals never falling, even if the broker's do."""
        order = np.lexsort((ints(records, "offset"), ints(records, "partition")))
        records = records.take(pa.array(order))
        partition, arrival = ints(records, "partition"), ints(records, "arrival").copy()
        for p in np.unique(partition).tolist():
            here = partition == p
            floor = self.partitions[p].broker if p in self.partitions else 0
            arrival[here] = np.maximum(np.maximum.accumulate(arrival[here]), floor)
        return records.set_column(records.schema.get_field_index("arrival"), "arrival", pa.array(arrival))

    def times(self, now: int, silent: Collection[int] | None = None) -> dict[int, int]:
        """Broker time (ms) of each partition when the wall clock shows ``now``.

        Only the ``silent`` partitions' clocks run on (None: all do): those known to hold nothing unread.
        """
        runs_on = self.partitions if silent is None else silent
        return {p: clock.at(now) if p in runs_on else clock.broker for p, clock in self.partitions.items()}


def wall_ms() -> int:
    """Give the wall clock, unix milliseconds."""
    return time.time_ns() // 1_000_000
