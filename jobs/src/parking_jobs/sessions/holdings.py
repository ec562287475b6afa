"""The partitions that a process of the embedded engine holds: how far each has been read, and its open sessions."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pyarrow as pa

from parking_jobs.sessions.bookmarks import EMBEDDED, Bookmark
from parking_jobs.sessions.clock import Clocks
from parking_jobs.sessions.schemas import Ints, ints
from parking_jobs.sessions.shard import ShardState

_NOT_HELD = 2**62


class Holdings:
    """Positions and state of the partitions held; both move together."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.positions: dict[int, int] = {}
        self.state = ShardState.new(run)

    def gain(self, positions: Mapping[int, int], state: ShardState) -> None:
        """Hold further partitions, which stand at ``positions`` and were left in ``state``."""
        self.lose(positions)
        self.positions |= positions
        sessions = pa.concat_tables([self.state.sessions, state.sessions]).combine_chunks()
        partitions = {**self.state.clocks.partitions, **state.clocks.partitions}
        self.state = ShardState(sessions, Clocks(self.run, partitions))

    def lose(self, partitions: Iterable[int]) -> None:
        """Forget partitions that others hold now."""
        gone = set(partitions) & set(self.positions)
        if not gone:
            return
        self.positions = {p: offset for p, offset in self.positions.items() if p not in gone}
        stays = ~np.isin(ints(self.state.sessions, "partition"), sorted(gone))
        clocks = {p: clock for p, clock in self.state.clocks.partitions.items() if p not in gone}
        self.state = ShardState(self.state.sessions.filter(pa.array(stays)), Clocks(self.run, clocks))

    def unread(self, records: pa.Table) -> pa.Table:
        """Give the records (RECORDS) that this process has to fold.

        What was fetched before a partition went away, or came back, may still arrive afterwards.
        """
        due = ints(records, "offset") >= self._position_of(ints(records, "partition"))
        return records if due.all() else records.filter(pa.array(due))

    def advance(self, records: pa.Table, state: ShardState) -> None:
        """Move on past ``records``, which led to ``state``."""
        partition, offset = ints(records, "partition"), ints(records, "offset")
        for p in np.unique(partition).tolist():
            self.reach(p, int(offset[partition == p].max()) + 1)
        self.state = state

    def reach(self, partition: int, offset: int) -> None:
        """Note that a partition was read up to ``offset``: what stands before it and was not given is no record."""
        if partition in self.positions:
            self.positions[partition] = max(self.positions[partition], offset)

    def bookmarks(self, partitions: Collection[int]) -> dict[int, Bookmark]:
        """Give the bookmarks of some partitions."""
        clocks = self.state.clocks.partitions
        return {p: Bookmark(self.positions[p], clocks[p].broker if p in clocks else None, EMBEDDED) for p in partitions}

    def _position_of(self, partition: Ints) -> Ints:
        """Next offset of each row's partition; out of reach where it is not held."""
        known = np.full(max(*self.positions, int(partition.max(initial=0)), 0) + 1, _NOT_HELD)
        known[list(self.positions)] = list(self.positions.values())
        at: Ints = known[partition]
        return at
