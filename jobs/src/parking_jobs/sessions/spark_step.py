"""What Spark calls in its Python workers: one step of one shard, from and to pandas frames."""

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from pyspark.sql.streaming.state import GroupState

from parking.documents import SessionJobDocument
from parking_jobs.sessions.encode import QUARANTINE_HEADERS, SessionEncoder, quarantine_headers
from parking_jobs.sessions.handover import Origin
from parking_jobs.sessions.restore import restore
from parking_jobs.sessions.schemas import RECORDS, bools
from parking_jobs.sessions.shard import Shard, ShardState, Step

STATE = "blob binary"
HEADER = "header_"
OUTPUT = pa.schema(
    [
        ("topic", pa.string()),
        ("partition", pa.int32()),
        ("key", pa.binary()),
        ("value", pa.binary()),
        *((HEADER + name, pa.string()) for name in QUARANTINE_HEADERS),
        ("shard", pa.int32()),
        ("open_sessions", pa.int64()),
        ("clocks", pa.string()),
        ("quarantined", pa.int64()),
    ]
)
"""Kafka records, and per shard and batch one row without a topic that reports on the shard."""

_NULLABLE = {pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype()}

Columns = dict[str, pa.Array | pa.ChunkedArray]
Stepper = Callable[[tuple[Any, ...], Iterable[pd.DataFrame], GroupState], Iterator[pd.DataFrame]]


def step_of(document: SessionJobDocument, groups: list[int], origin: Origin, run: str) -> Stepper:
    """Give the function that Spark calls once per shard and batch; a shard without state begins at ``origin``."""
    text = document.model_dump_json(by_alias=True)

    def step(key: tuple[Any, ...], frames: Iterable[pd.DataFrame], state: GroupState) -> Iterator[pd.DataFrame]:
        worker = _worker(text, run)
        now = state.getCurrentProcessingTimeMs()
        shard = groups.index(key[0])
        if state.exists:
            before = ShardState.load(state.get[0])
        else:
            before = restore(worker.document, origin.of_shard(shard, len(groups)), run, now)
        taken = worker.shard.step(before, _table(frames), now)
        if not state.exists or taken.state is not before:
            state.update((taken.state.dump(),))
        yield worker.output(taken, shard)

    return step


@functools.lru_cache(maxsize=1)
def _worker(document: str, run: str) -> "_Worker":
    """Spark sends the function anew with every task; what it needs is made once per worker process."""
    return _Worker(SessionJobDocument.model_validate_json(document), run)


class _Worker:
    """What a worker process keeps between tasks."""

    def __init__(self, document: SessionJobDocument, run: str) -> None:
        self.document, self.shard = document, Shard(document, run)
        self._topics = document.topics
        self._encoder = SessionEncoder(document.lot, document.tariff)

    def output(self, step: Step, shard: int) -> pd.DataFrame:
        """Write a step's results as rows of OUTPUT."""
        parts = (self._sessions(step.updates), self._quarantined(step.refused), _report(step, shard))
        table = pa.concat_tables([OUTPUT.empty_table(), *map(pa.table, parts)], promote_options="default")
        return table.to_pandas(types_mapper=_NULLABLE.get)

    def _sessions(self, updates: pa.Table) -> Columns:
        return {
            "topic": pa.repeat(self._topics.processed, updates.num_rows),
            "partition": updates["partition"],
            "key": updates["session_id"].cast(pa.binary()),
            "value": self._encoder.encode(updates).cast(pa.binary()),
        }

    def _quarantined(self, refused: pa.Table) -> Columns:
        headers = quarantine_headers(refused, self._topics.raw)
        return {
            "topic": pa.repeat(self._topics.quarantine, refused.num_rows),
            "key": refused["key"],
            "value": refused["value"],
            **{HEADER + name: headers[name] for name in QUARANTINE_HEADERS},
        }


def _report(step: Step, shard: int) -> Columns:
    open_sessions = int(bools(step.state.sessions, "is_open").sum())
    return {
        "shard": pa.array([shard], pa.int32()),
        "open_sessions": pa.array([open_sessions], pa.int64()),
        "clocks": pa.array([json.dumps({p: clock.broker for p, clock in step.state.clocks.partitions.items()})]),
        "quarantined": pa.array([step.refused.num_rows], pa.int64()),
    }


def _table(frames: Iterable[pd.DataFrame]) -> pa.Table | None:
    """Records of a call; None when there is nothing but the tick."""
    records = [frame[frame["partition"].notna()][RECORDS.names] for frame in frames]
    tables = [pa.Table.from_pandas(part, schema=RECORDS, preserve_index=False) for part in records if len(part)]
    return pa.concat_tables(tables) if tables else None
