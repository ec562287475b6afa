import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from parking_jobs.sessions.clock import GRACE_MS, Clocks, PartitionClock
from parking_jobs.sessions.schemas import RECORDS


def records(*rows: tuple[int, int, int]) -> pa.Table:
    """Rows of (partition, offset, arrival)."""
    columns = ("partition", "offset", "arrival", "key", "value")
    return pa.Table.from_pylist([dict(zip(columns, (*row, b"", b""), strict=True)) for row in rows], schema=RECORDS)


def test_the_clock_stands_at_the_newest_record_of_its_own_partition() -> None:
    clocks = Clocks.none("a").observe(records((0, 0, 100), (0, 1, 300), (1, 0, 50)), now=9_000)
    assert clocks.times(9_000) == {0: 300, 1: 50}


def test_without_records_it_runs_on_with_wall_time_a_little_late() -> None:
    clocks = Clocks.none("a").observe(records((0, 0, 100)), now=9_000)
    assert clocks.times(9_000 + GRACE_MS) == {0: 100}
    assert clocks.times(9_000 + GRACE_MS + 5_000) == {0: 5_100}


def test_only_silent_partitions_run_on() -> None:
    clocks = Clocks.none("a").observe(records((0, 0, 100), (1, 0, 100)), now=9_000)
    assert clocks.times(9_000 + GRACE_MS + 50, silent={1}) == {0: 100, 1: 150}


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_clock_says_when_it_will_show_a_time(broker: int, read_up: int, time: int) -> None:
    clock = PartitionClock(broker, read_up)
    moment = clock.when(time)
    assert clock.at(moment) >= time
    assert time <= broker or clock.at(moment - 1) < time


def test_wall_time_of_a_downtime_does_not_count() -> None:
    clocks = Clocks.none("a").observe(records((0, 0, 100)), now=9_000)
    tomorrow = 9_000 + 86_400_000
    restarted = clocks.in_run("b", tomorrow)
    assert restarted.times(tomorrow) == {0: 100}
    assert restarted.times(tomorrow + GRACE_MS + 1) == {0: 101}
    assert restarted.in_run("b", tomorrow + 5_000) == restarted


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1_000)), max_size=20), st.randoms(use_true_random=False))
def test_arrivals_never_fall_within_a_partition(rows, rng) -> None:
    numbered = [(partition, offset, arrival) for offset, (partition, arrival) in enumerate(rows)]
    shuffled = rng.sample(numbered, len(numbered))
    clocks = Clocks.none("a").observe(records((0, 0, 500)), now=0)
    given = clocks.monotone(records(*shuffled)).to_pylist()
    for partition in (0, 1, 2):
        mine = [row for row in given if row["partition"] == partition]
        assert [row["offset"] for row in mine] == sorted(row["offset"] for row in mine)
        newest = 500 if partition == 0 else 0
        for row, (_, _, arrival) in zip(mine, (r for r in numbered if r[0] == partition), strict=True):
            newest = max(newest, arrival)
            assert row["arrival"] == newest
