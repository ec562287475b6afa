from dataclasses import replace
from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from parking_jobs.sessions.fold import fold
from parking_jobs.sessions.schemas import EVENTS, OPEN
from tests.support.oracle import Seen, upsert
from tests.support.streams import FIELDS, RULES, THOROUGH, judged, numbered, streams
from tests.support.tables import events_table


def run(stream: list[Seen], cuts: list[int], shuffle, end: int | None = None):
    """Fold a stream cut at ``cuts``; the clock of a partition stands at its newest record, at last at ``end``."""
    table: dict[str, dict] = {}
    state, clock = OPEN.empty_table(), {}
    limits = [0, *sorted(cuts), len(stream)]
    for begin, stop in pairwise(limits):
        batch = stream[begin:stop]
        for event in batch:
            clock[event.partition] = max(clock.get(event.partition, 0), event.arrival)
        folded = fold(state, events_table(shuffle(batch)), clock, RULES)
        state = folded.open
        for row in folded.updates.to_pylist():
            upsert(table, row)
    if end is not None:
        folded = fold(state, EVENTS.empty_table(), dict.fromkeys(clock, end), RULES)
        state = folded.open
        for row in folded.updates.to_pylist():
            upsert(table, row)
    return {key: {name: row[name] for name in FIELDS} for key, row in table.items()}, state


@THOROUGH
@given(stream=streams(), data=st.data())
def test_any_cut_and_any_order_of_delivery_gives_the_oracles_table(stream, data) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    rng = data.draw(st.randoms(use_true_random=False))
    table, state = run(stream, cuts, lambda batch: rng.sample(batch, len(batch)))
    expected, oracle = judged(stream)
    assert table == expected
    assert sum(state["is_open"].to_pylist()) == len(oracle.open)


@given(stream=streams(), data=st.data())
def test_a_lot_that_falls_silent_times_every_session_out(stream, data) -> None:
    end = 10**12
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=4))
    table, state = run(stream, cuts, list, end=end)
    assert table == judged(stream, end=end)[0]
    assert state.num_rows == 0
    assert {row["status"] for row in table.values()} <= {"CLOSED", "TIMEOUT"}


@given(stream=streams(), data=st.data())
def test_records_delivered_twice_change_no_session(stream, data) -> None:
    """Same stays, same money; only the offsets, and with them the versions, differ."""
    doubled = numbered([event for event in stream for _ in range(data.draw(st.integers(1, 3)))])
    seen_once = {k: {**v, "version": 0} for k, v in run(stream, [], list)[0].items()}
    seen_more = {k: {**v, "version": 0} for k, v in run(doubled, [len(doubled) // 2], list)[0].items()}
    assert seen_more == seen_once


def car(time: int, *, arrival: int | None = None, exiting: bool = False) -> Seen:
    return Seen("51A-1", "A1", time, arrival if arrival is not None else time * 1000, exiting=exiting)


def table_of(*events: Seen, end: int | None = None) -> list[tuple]:
    rows, _ = run(numbered(list(events)), [], list, end=end)
    return sorted((r["start_time"], r["end_time"], r["status"], r["version"]) for r in rows.values())


def test_a_gap_of_exactly_the_timeout_joins_and_one_second_more_splits() -> None:
    assert table_of(car(100), car(130)) == [(100, 130, "ACTIVE", 4)]
    assert table_of(car(100), car(131)) == [(100, 100, "TIMEOUT", 3), (131, 131, "ACTIVE", 4)]


def test_silence_on_the_brokers_clock_splits_whatever_the_camera_says() -> None:
    assert table_of(car(100), car(101, arrival=130_001)) == [(100, 100, "TIMEOUT", 3), (101, 101, "ACTIVE", 4)]


def test_a_camera_whose_clock_stands_still_keeps_its_car() -> None:
    assert table_of(*(car(100, arrival=100_000 + 20_000 * i) for i in range(5))) == [(100, 100, "ACTIVE", 10)]


def test_an_older_event_counts_and_moves_nothing() -> None:
    assert table_of(car(100), car(110), car(90, arrival=111_000)) == [(100, 110, "ACTIVE", 6)]


def test_a_straggler_after_the_exit_opens_nothing() -> None:
    events = (car(100), car(110, exiting=True), car(105, arrival=111_000), car(110, arrival=112_000, exiting=True))
    assert table_of(*events) == [(100, 110, "CLOSED", 4)]


def test_a_straggling_exit_does_not_close_the_next_stay() -> None:
    events = (car(100), car(110, exiting=True), car(112), car(110, arrival=113_000, exiting=True), car(115))
    assert table_of(*events) == [(100, 110, "CLOSED", 4), (112, 115, "ACTIVE", 10)]


def test_the_tombstone_is_forgotten_after_the_timeout() -> None:
    late = replace(car(105), arrival=140_001)
    assert table_of(car(100), car(110, exiting=True), late) == [(100, 110, "CLOSED", 4), (105, 105, "ACTIVE", 6)]


def test_several_sessions_of_one_car_in_one_batch_are_all_reported() -> None:
    events = [car(100 + 10 * i, exiting=i % 2 == 1) for i in range(6)]
    assert table_of(*events) == [(100, 110, "CLOSED", 4), (120, 130, "CLOSED", 8), (140, 150, "CLOSED", 12)]


def test_a_lone_exit_is_a_stay_of_no_length() -> None:
    assert table_of(car(100, exiting=True)) == [(100, 100, "CLOSED", 2)]


def test_the_state_is_small_columns_not_history() -> None:
    events = numbered([Seen(f"51A-{i}", "A1", 100, 100_000) for i in range(1000)])
    folded = fold(OPEN.empty_table(), events_table(events), {0: 100_000}, RULES)
    assert folded.open.num_rows == 1000
    assert folded.open.schema == OPEN
    assert folded.updates.num_rows == 1000
    again = fold(folded.open, EVENTS.empty_table(), {0: 100_001}, RULES)
    assert again.updates.num_rows == 0
    assert pa.Table.equals(again.open, folded.open)
