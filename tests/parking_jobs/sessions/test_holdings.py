from parking_jobs.sessions.bookmarks import EMBEDDED, Bookmark
from parking_jobs.sessions.holdings import Holdings
from parking_jobs.sessions.shard import Shard, ShardState
from tests.parking_jobs.sessions.test_shard import DOCUMENT, NOW, event
from tests.support.tables import records_table


def two_partitions() -> Holdings:
    """Partitions 0 and 1 with an open session each, read up to offset 1."""
    shard, holdings = Shard(DOCUMENT, "run"), Holdings("run")
    holdings.gain({0: 0, 1: 0}, ShardState.new("run"))
    for partition, bay in enumerate(("A1", "A2")):
        records = records_table([event(NOW, bay=bay)], arrival=NOW + partition, partition=partition)
        holdings.advance(records, shard.step(holdings.state, records, NOW).state)
    return holdings


def test_position_clock_and_sessions_move_together() -> None:
    holdings = two_partitions()
    assert holdings.positions == {0: 1, 1: 1}
    assert holdings.bookmarks([0, 1]) == {0: Bookmark(1, NOW, EMBEDDED), 1: Bookmark(1, NOW + 1, EMBEDDED)}
    assert sorted(holdings.state.sessions["location"].to_pylist()) == ["A1", "A2"]


def test_what_was_lost_is_forgotten_and_what_is_held_stays() -> None:
    holdings = two_partitions()
    holdings.lose([0, 7])
    assert (holdings.positions, set(holdings.state.clocks.partitions)) == ({1: 1}, {1})
    assert holdings.state.sessions["location"].to_pylist() == ["A2"]


def test_a_partition_gained_again_has_its_sessions_once() -> None:
    holdings, again = two_partitions(), two_partitions()
    again.lose([1])
    holdings.gain({0: 1}, again.state)
    assert sorted(holdings.state.sessions["location"].to_pylist()) == ["A1", "A2"]


def test_records_read_before_or_of_others_partitions_are_left_out() -> None:
    holdings = two_partitions()
    assert holdings.unread(records_table([b"old", b"new"]))["offset"].to_pylist() == [1]
    assert holdings.unread(records_table([b"x"], partition=5)).num_rows == 0
    assert Holdings("run").unread(records_table([b"x"])).num_rows == 0


def test_the_end_of_a_partition_moves_its_position_forward_only() -> None:
    holdings = two_partitions()
    holdings.reach(0, 9)
    holdings.reach(1, 0)
    holdings.reach(5, 3)
    assert holdings.positions == {0: 9, 1: 1}


def test_a_partition_without_a_record_has_no_clock_yet() -> None:
    holdings = Holdings("run")
    holdings.gain({3: 0}, ShardState.new("run"))
    assert holdings.bookmarks([3]) == {3: Bookmark(0, None, EMBEDDED)}
