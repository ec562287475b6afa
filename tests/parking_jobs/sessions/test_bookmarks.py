import json

import pytest
from confluent_kafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from parking_jobs.sessions.bookmarks import Bookmark, to_commit


@given(st.integers(0, 2**60), st.none() | st.integers(0, 2**60), st.text())
def test_a_bookmark_survives_being_committed(offset: int, clock: int | None, reader: str) -> None:
    bookmark = Bookmark(offset, clock, reader)
    assert Bookmark.read(bookmark.committed("raw", 3)) == bookmark


@pytest.mark.parametrize("metadata", ["", "x", "[]", "{}", '{"clock": 1}'])
def test_what_other_programs_committed_is_an_offset_and_no_more(metadata: str) -> None:
    assert Bookmark.read(TopicPartition("raw", 0, 17, metadata=metadata)) == Bookmark(17)
    assert Bookmark.read(TopicPartition("raw", 0, 17)) == Bookmark(17)


def test_bookmarks_are_committed_for_their_partitions() -> None:
    (first, second) = to_commit("raw", {0: Bookmark(5, 9, "embedded"), 2: Bookmark(0)})
    assert (first.topic, first.partition, first.offset) == ("raw", 0, 5)
    assert json.loads(first.metadata) == {"clock": 9, "reader": "embedded"}
    assert (second.partition, second.offset) == (2, 0)
