"""What Spark calls in its Python workers: one step of one shard, from and to pandas frames."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from pyspark.sql.streaming.state import GroupState

from parking.documents import SessionJobDocument
from parking_jobs.sessions.encode import QUARANTINE_HEADERS, SessionEncoder, quarantine_headers
from parking_jobs.sessions.schemas import RECORDS, ints
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
        ("quarantined", pa.int64()),
    ]
)
"""Kafka records, and per shard and batch one row without a topic that reports on the shard."""

_NULLABLE = {pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype()}

Stepper = Callable[[tuple[Any, ...], Iterable[pd.DataFrame], GroupState], Iterator[pd.DataFrame]]


def step_of(document: SessionJobDocument, groups: list[int], run: str) -> Stepper:
    """Give the function that Spark calls once per shard and batch."""
    shard = Shard(document, run)
    encoder = SessionEncoder(document.lot, document.tariff)

    def step(key: tuple[Any, ...], frames: Iterable[pd.DataFrame], state: GroupState) -> Iterator[pd.DataFrame]:
        now = state.getCurrentProcessingTimeMs()
        before = ShardState.load(state.get[0]) if state.exists else shard.new_state()
        taken = shard.step(before, _table(frames), now)
        if taken.state is not before:
            state.update((taken.state.dump(),))
        yield _output(taken, document, encoder, groups.index(key[0]))

    return step


def _table(frames: Iterable[pd.DataFrame]) -> pa.Table | None:
    """Records of a call; None when there is nothing but the tick."""
    records = [frame[frame["partition"].notna()][RECORDS.names] for frame in frames]
    tables = [pa.Table.from_pandas(part, schema=RECORDS, preserve_index=False) for part in records if len(part)]
    return pa.concat_tables(tables) if tables else None


def _output(step: Step, document: SessionJobDocument, encoder: SessionEncoder, shard: int) -> pd.DataFrame:
    updates, refused = step.updates, step.refused
    sessions = {
        "topic": pa.repeat(document.topics.processed, updates.num_rows),
        "partition": updates["partition"],
        "key": updates["session_id"].cast(pa.binary()),
        "value": encoder.encode(updates).cast(pa.binary()),
    }
    headers = quarantine_headers(refused, document.topics.raw)
    quarantined = {
        "topic": pa.repeat(document.topics.quarantine, refused.num_rows),
        "key": refused["key"],
        "value": refused["value"],
        **{HEADER + name: headers[name] for name in QUARANTINE_HEADERS},
    }
    report = {
        "shard": pa.array([shard], pa.int32()),
        "open_sessions": [int((ints(step.state.sessions, "events") > 0).sum())],
        "quarantined": [refused.num_rows],
    }
    parts = [OUTPUT.empty_table(), *map(pa.table, (sessions, quarantined, report))]
    return pa.concat_tables(parts, promote_options="default").to_pandas(types_mapper=_NULLABLE.get)
