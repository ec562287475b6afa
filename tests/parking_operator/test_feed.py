"""What the watches bring reaches the store and the right lots."""

from collections.abc import Callable
from typing import Any

import pytest

from parking_operator.cluster.audit import Heartbeat
from parking_operator.cluster.lots import Lots
from parking_operator.cluster.world import Cluster
from parking_operator.feed import Feed
from tests.parking_operator.cluster.test_lots import lot
from tests.parking_operator.cluster.test_store import config_map
from tests.support.worlds import SITE

A, B = ("default", "a"), ("default", "b")


class Queue:
    """Notes what it is asked to look at."""

    def __init__(self) -> None:
        self.added: list[Any] = []
        self.forgotten: list[Any] = []

    def add(self, key: Any) -> None:
        self.added.append(key)

    def forget(self, key: Any) -> None:
        self.forgotten.append(key)


class Place:
    def __init__(self) -> None:
        self.cluster = Cluster(SITE, server=None, lots=Lots(SITE))  # type: ignore[arg-type]
        self.queue = Queue()
        self.relists = 0
        self.feed = Feed(self.cluster, self.queue, Heartbeat(), relisted=self._relisted)  # type: ignore[arg-type]

    def _relisted(self) -> None:
        self.relists += 1

    def news(self, act: Callable[..., None], *args: Any) -> list[Any]:
        self.queue.added.clear()
        act(*args)
        return list(self.queue.added)


@pytest.fixture
def place() -> Place:
    return Place()


def of_lot(name: str, version: int = 1) -> dict[str, Any]:
    return config_map(version, lot=name)


def test_a_lot_that_comes_or_changes_is_looked_at(place: Place) -> None:
    assert place.news(place.feed.lot, "ADDED", lot("a")) == [A]
    assert place.news(place.feed.lot, "MODIFIED", lot("a", version=2)) == [A]


def test_what_is_known_already_is_no_reason_to_look(place: Place) -> None:
    """Such as our own writing, when the watch brings it back."""
    place.feed.lot("ADDED", lot("a", version=2))
    assert place.news(place.feed.lot, "MODIFIED", lot("a", version=2)) == []
    place.cluster.store.put(of_lot("a", 5))
    assert place.news(place.feed.child, "MODIFIED", of_lot("a", 5)) == []


def test_a_child_that_changes_or_goes_has_its_lot_looked_at(place: Place) -> None:
    place.feed.lot("ADDED", lot("a"))
    assert place.news(place.feed.child, "MODIFIED", of_lot("a", 2)) == [A]
    assert place.news(place.feed.child, "DELETED", of_lot("a", 3)) == [A]
    assert place.cluster.store.of_lot(A) == {}


def test_a_child_of_no_lot_that_is_known_is_kept_and_nothing_looked_at(place: Place) -> None:
    assert place.news(place.feed.child, "ADDED", of_lot("a")) == []
    assert len(place.cluster.store.of_lot(A)) == 1


def test_the_end_of_a_lot_has_those_looked_at_that_wait_for_its_topics(place: Place) -> None:
    waiting = lot("b")
    waiting["status"] = {"conditions": [{"type": "Ready", "status": "False", "reason": "Conflict"}]}
    place.feed.lot("ADDED", lot("a"))
    place.feed.lot("ADDED", waiting)
    assert place.news(place.feed.lot, "DELETED", lot("a")) == [B]
    assert place.queue.forgotten == [A]


def test_a_definition_that_comes_has_every_lot_looked_at(place: Place) -> None:
    place.feed.lot("ADDED", lot("a"))
    place.feed.lot("ADDED", lot("b"))
    assert place.news(place.feed.definition, {"spec": {"group": "kafka.strimzi.io"}}) == [A, B]
    assert place.news(place.feed.definition, {"spec": {"group": "example.org"}}) == []


def test_a_list_taken_anew_calls_for_an_audit(place: Place) -> None:
    place.feed.child(None, of_lot("a"))
    assert place.relists == 0, "the first list"
    place.feed.child(None, of_lot("a"))
    assert place.relists == 1
