"""What an engine wrote is enough to go on: state read off the processed topic, judged by the oracle."""

import json
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.tariff import Tariff
from parking_jobs.sessions import past
from parking_jobs.sessions.encode import SessionEncoder
from parking_jobs.sessions.fold import fold
from parking_jobs.sessions.past import Past, clocks_of
from parking_jobs.sessions.schemas import NEVER, OPEN
from tests.support.oracle import Seen, upsert
from tests.support.streams import FIELDS, RULES, THOROUGH, judged, streams
from tests.support.tables import events_table

ENCODER = SessionEncoder("central", Tariff())


class Writer:
    """An engine cut down to its fold: what it writes, in the order of each partition, is all that is left of it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def fold_on(self, state: pa.Table, clock: dict[int, int], batch: list[Seen]) -> pa.Table:
        for event in batch:
            clock[event.partition] = max(clock.get(event.partition, 0), event.arrival)
        folded = fold(state, events_table(batch), clock, RULES)
        self.written += [text.encode() for text in ENCODER.encode(folded.updates).to_pylist()]
        return folded.open

    def restored(self) -> pa.Table:
        past = Past("central", range(2))
        past.take(self.written)
        return past.sessions()

    def table(self) -> dict[str, dict]:
        table: dict[str, dict] = {}
        for value in self.written:
            upsert(table, json.loads(value))
        return {key: {name: row[name] for name in FIELDS} for key, row in table.items()}


@THOROUGH
@given(stream=streams(), data=st.data())
def test_a_crash_at_any_record_loses_and_doubles_nothing(stream: list[Seen], data: st.DataObject) -> None:
    """Each crash keeps what was noted before the batch, and any part of what the batch wrote."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    writer, state, clock = Writer(), OPEN.empty_table(), {}
    for begin, end in pairwise([0, *cuts, len(stream)]):
        noted, before = len(writer.written), dict(clock)
        crashed = writer.fold_on(state, clock, stream[begin:end])
        if data.draw(st.booleans()):
            del writer.written[data.draw(st.integers(noted, len(writer.written))) :]
            clock = before
            state = writer.fold_on(writer.restored(), clock, stream[begin:end])
        else:
            state = crashed
    assert writer.table() == judged(stream)[0]


@given(stream=streams(), data=st.data())
def test_a_restored_state_is_the_one_that_was_left(stream: list[Seen], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(stream)))
    writer, clock = Writer(), {}
    state = writer.fold_on(OPEN.empty_table(), clock, stream[:cut])
    state = writer.fold_on(state, clock, stream[cut:])
    restored = fold(writer.restored(), events_table([]), clock, RULES).open
    order = [(name, "ascending") for name in ("partition", "license_plate", "location")]
    assert alive(restored, clock).sort_by(order) == alive(state, clock).sort_by(order)
    assert all(clocks_of(restored)[p] <= clock[p] for p in clocks_of(restored))


def alive(state: pa.Table, clock: dict[int, int]) -> pa.Table:
    """Leave out tombstones too old for any event still to come: the topic keeps them, the fold need not."""
    rows = state.to_pylist()
    for row in rows:
        if clock[row["partition"]] - row["closed_arrival"] > RULES.timeout_ms:
            row["closed_end"] = row["closed_arrival"] = NEVER
    return pa.Table.from_pylist(rows, schema=OPEN)


def values(*changes: dict[str, object]) -> list[bytes]:
    """Session records of one car in A1, with changes."""
    row = {
        "license_plate": "51A-1",
        "location": "A1",
        "start_time": 100,
        "end_time": 110,
        "duration": 10,
        "cost": 0,
        "status": "ACTIVE",
        "last_updated": 110,
        "session_id": "s1",
        "lot": "central",
        "version": 4,
        "currency": "VND",
        "partition": 0,
        "last_arrival": 110_000,
    }
    return [json.dumps(row | change).encode() for change in changes]


def restored(records: list[bytes], partitions: tuple[int, ...] = (0,)) -> list[dict]:
    taken = Past("central", partitions)
    taken.take(records)
    return taken.sessions().to_pylist()


def test_the_newest_session_is_the_state_and_the_last_closed_one_its_tombstone() -> None:
    records = values(
        {"status": "CLOSED"},
        {"session_id": "s2", "start_time": 120, "end_time": 130, "version": 8, "last_arrival": 130_000},
    )
    (row,) = restored(records)
    assert (row["session_id"], row["is_open"], row["newest"], row["start_time"]) == ("s2", True, 3, 120)
    assert (row["closed_end"], row["closed_arrival"]) == (110, 110_000)


def test_a_session_that_timed_out_is_known_by_its_offset_only() -> None:
    (row,) = restored(values({"status": "TIMEOUT", "version": 5}))
    assert (row["session_id"], row["is_open"], row["newest"], row["closed_end"]) == ("", False, 1, NEVER)


def test_other_lots_and_partitions_are_left_alone() -> None:
    assert restored(values({"lot": "north"}, {"partition": 1})) == []
    assert len(restored(values({"partition": 1}), partitions=(0, 1))) == 1


@pytest.mark.parametrize("strange", [b"", b"no json", b"{}", b'{"lot": "central"}', b"[1]", b'{"a": 1}{"b": 2}'])
def test_records_that_are_no_sessions_are_counted_and_passed_over(strange: bytes) -> None:
    taken = Past("central", (0,))
    taken.take([*values({}), strange, *values({"version": 6})])
    assert [row["newest"] for row in taken.sessions().to_pylist()] == [2]
    assert (taken.taken, taken.strange) == (3, 1)


def test_memory_grows_with_the_sessions_not_with_their_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "_MANY", 100)
    taken = Past("central", (0,))
    for version in range(2, 2_000, 2):
        taken.take(values({"version": version}))
        assert sum(part.num_rows for part in taken._parts) <= 101
    assert [row["newest"] for row in taken.sessions().to_pylist()] == [998]
