"""One shard: the open sessions of some partitions, and one step that takes in a batch of their records.

A shard holds whole partitions, so that it sees every record that moves their clocks. Engines keep the state
between steps as bytes and decide when to take one; they add no rules.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import pyarrow as pa

from parking.documents import SessionJobDocument
from parking_jobs.sessions.clock import Clocks, PartitionClock
from parking_jobs.sessions.decode import Decoder
from parking_jobs.sessions.fold import fold
from parking_jobs.sessions.schemas import EVENTS, OPEN, REFUSED
from parking_jobs.sessions.stays import Rules

_FORMAT = 2


@dataclass(frozen=True, slots=True)
class ShardState:
    """Open sessions (OPEN) and the partitions' clocks."""

    sessions: pa.Table
    clocks: Clocks

    @classmethod
    def new(cls, run: str) -> Self:
        """State before any record."""
        return cls(OPEN.empty_table(), Clocks.none(run))

    def dump(self) -> bytes:
        """Write the state as an Arrow IPC stream, the clocks in its metadata."""
        clocks = {p: [clock.broker, clock.read_up] for p, clock in self.clocks.partitions.items()}
        meta = {"format": str(_FORMAT), "run": self.clocks.run, "clocks": json.dumps(clocks)}
        sink = pa.BufferOutputStream()
        table = self.sessions.replace_schema_metadata(meta)
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        blob: bytes = sink.getvalue().to_pybytes()
        return blob

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """Read what ``dump`` wrote; raises ValueError when another format wrote it."""
        with pa.ipc.open_stream(pa.py_buffer(blob)) as reader:
            table = reader.read_all()
        meta = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        if meta["format"] != str(_FORMAT):
            raise ValueError(f"state format: {meta['format']} cannot be read; allowed: {_FORMAT}")
        clocks = {int(p): PartitionClock(*times) for p, times in json.loads(meta["clocks"]).items()}
        return cls(table.replace_schema_metadata(None), Clocks(meta["run"], clocks))


@dataclass(frozen=True, slots=True)
class Step:
    """What a step gives: ``updates`` (UPDATES), ``refused`` (REFUSED), the new state."""

    updates: pa.Table
    refused: pa.Table
    state: ShardState


class Shard:
    """Takes steps for one lot. ``run`` names this run of the job (see clock)."""

    def __init__(self, document: SessionJobDocument, run: str) -> None:
        self._decoder = Decoder(document.bays, document.max_clock_skew_seconds)
        self._rules = Rules(document.lot, document.timeout_seconds)
        self._run = run

    def new_state(self) -> ShardState:
        """State before any record."""
        return ShardState.new(self._run)

    def step(
        self, state: ShardState, records: pa.Table | None, now: int, silent: Collection[int] | None = None
    ) -> Step:
        """Take in ``records`` (RECORDS, None: nothing new).

        ``now`` is the wall clock in ms, read when the broker said that nothing else was waiting in the ``silent``
        partitions (None: in all without records). A step that changes nothing gives the very state it was given.
        """
        clocks = state.clocks.in_run(self._run, now)
        events, refused = EVENTS.empty_table(), REFUSED.empty_table()
        if records is not None and records.num_rows:
            decoded = self._decoder.decode(clocks.monotone(records))
            events, refused = decoded.events, decoded.refused
            clocks = clocks.observe(records, now)
        folded = fold(state.sessions, events, clocks.times(now, silent), self._rules)
        idle = (
            clocks is state.clocks and folded.open.num_rows == state.sessions.num_rows and not folded.updates.num_rows
        )
        return Step(folded.updates, refused, state if idle else ShardState(folded.open, clocks))

    def timeouts(self, state: ShardState) -> dict[int, int]:
        """Give for each partition with open sessions the wall time (ms) at which the first of them lapses by itself."""
        sessions = state.sessions.filter(state.sessions["is_open"])
        if not sessions.num_rows:
            return {}
        oldest = sessions.group_by("partition").aggregate([("last_arrival", "min")])
        clocks = state.clocks.partitions
        return {
            p: clocks[p].when(arrival + self._rules.timeout_ms + 1)
            for p, arrival in zip(*(oldest[n].to_pylist() for n in ("partition", "last_arrival_min")), strict=True)
            if p in clocks
        }
