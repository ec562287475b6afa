"""Which checkpoint the Spark engine goes on with."""

from parking_jobs.sessions.bookmarks import EMBEDDED, Bookmark
from parking_jobs.sessions.handover import bookmarks_of, origin_of

TOPIC = "topic-id"


def test_the_first_start_begins_at_the_beginning_and_is_found_again_after_a_kill() -> None:
    first = origin_of(TOPIC, {0: None, 1: None})
    assert first.starting_offsets == {"0": -2, "1": -2}
    assert origin_of(TOPIC, {0: None, 1: None}) == first


def test_a_checkpoint_that_all_bookmarks_name_is_resumed() -> None:
    bookmarks = {0: Bookmark(5, 1, "spark-a"), 1: Bookmark(7, 1, "spark-a"), 2: None}
    assert origin_of(TOPIC, bookmarks).checkpoint == "spark-a"


def test_after_another_engine_a_new_checkpoint_begins_where_that_one_stopped() -> None:
    taken_over = origin_of(TOPIC, {0: Bookmark(9, 1, EMBEDDED), 1: Bookmark(7, 1, "spark-a")})
    assert taken_over.checkpoint not in {"spark-a", origin_of(TOPIC, {0: None, 1: None}).checkpoint}
    assert taken_over.starting_offsets == {"0": 9, "1": 7}
    later = origin_of(TOPIC, {0: Bookmark(10, 1, EMBEDDED), 1: Bookmark(7, 1, "spark-a")})
    assert later.checkpoint != taken_over.checkpoint


def test_a_topic_made_anew_does_not_meet_an_old_checkpoint() -> None:
    assert origin_of("one", {0: None}).checkpoint != origin_of("two", {0: None}).checkpoint


def test_a_shard_begins_at_the_bookmarks_of_its_own_partitions() -> None:
    bookmarks = {p: Bookmark(p) for p in range(5)}
    origin = origin_of(TOPIC, {**bookmarks, 5: None})
    assert [sorted(origin.of_shard(shard, 2)) for shard in (0, 1)] == [[0, 2, 4], [1, 3]]


def test_bookmarks_are_read_off_a_report() -> None:
    report = {
        "sources": [{"endOffset": {"offset": 4}}, {"endOffset": {"raw": {"0": 100, "1": 50}}}],
        "observedMetrics": {"shards": {"open": [{"clocks": '{"0": 1700}'}, {"clocks": "{}"}]}},
    }
    assert bookmarks_of(report, "raw", "spark-a") == {
        0: Bookmark(100, 1700, "spark-a"),
        1: Bookmark(50, None, "spark-a"),
    }
    assert bookmarks_of({"sources": [{"endOffset": None}]}, "raw", "spark-a") == {}
