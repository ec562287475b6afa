"""Which lots there are, and which of them has which topics."""

from typing import Any

import pytest

from parking.errors import InvalidInputError
from parking_operator.cluster.lots import Lots
from tests.support.worlds import SITE

OLD, YOUNG = "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"


def lot(name: str, created: str = OLD, *, version: int = 1, uid: str | None = None, **spec: Any) -> dict[str, Any]:
    metadata = {
        "name": name,
        "namespace": "default",
        "uid": uid or f"uid-{name}",
        "generation": version,
        "resourceVersion": str(version),
        "creationTimestamp": created,
    }
    layout = {"layout": {"rows": {"A": 10}}}
    return {
        "apiVersion": "parking.dev/v1alpha1",
        "kind": "ParkingLot",
        "metadata": metadata,
        "spec": {**layout, **spec},
    }


def lots(*bodies: dict[str, Any]) -> Lots:
    known = Lots(SITE)
    for body in bodies:
        known.put(body)
    return known


def taken(known: Lots, name: str) -> dict[str, str]:
    return known.taken(known.read(("default", name)))


def test_the_older_lot_has_the_topic_in_whatever_order_they_are_read() -> None:
    for order in ((lot("a", OLD), lot("b", YOUNG)), (lot("b", YOUNG), lot("a", OLD))):
        known = lots(*order)
        assert taken(known, "a") == {}
        assert set(taken(known, "b").values()) == {"default/a"}
        assert set(taken(known, "b")) == {"raw-data", "processed-data", "quarantine"}


def test_of_two_of_one_age_exactly_one_has_it() -> None:
    known = lots(lot("a"), lot("b"))
    assert [bool(taken(known, name)) for name in ("a", "b")] == [False, True]


@pytest.mark.parametrize(
    "other",
    [
        {"topics": {"raw": "r", "processed": "p", "quarantine": "q"}},
        {"kafka": {"bootstrapServers": "elsewhere:9092"}},
        {"kafka": {"cluster": {"name": "main", "namespace": "kafka"}}},
    ],
)
def test_other_names_or_other_brokers_are_no_conflict(other: dict[str, Any]) -> None:
    assert taken(lots(lot("a"), lot("b", YOUNG, **other)), "b") == {}


def test_one_topic_in_common_is_enough() -> None:
    topics = {"raw": "r", "processed": "processed-data", "quarantine": "q"}
    assert taken(lots(lot("a"), lot("b", YOUNG, topics=topics)), "b") == {"processed-data": "default/a"}


def test_an_edit_or_the_end_of_the_older_lot_frees_its_topics() -> None:
    known = lots(lot("a"), lot("b", YOUNG))
    assert taken(known, "b")
    known.put(lot("a", version=2, topics={"raw": "r", "processed": "p", "quarantine": "q"}))
    assert taken(known, "b") == {}
    known.put(lot("a", version=3))
    assert taken(known, "b")
    known.drop(lot("a", version=3))
    assert taken(known, "b") == {}


def test_a_former_topic_is_passed_on_when_another_lot_names_it() -> None:
    known = lots(lot("a"), lot("b", YOUNG, topics={"raw": "r", "processed": "p", "quarantine": "q"}))
    assert taken(known, "b") == {}
    a = known.read(("default", "a"))
    assert known.passed_on(a, ["r", "raw-data", "gone"]) == {"r"}, "not what nobody names, nor what is its own"


def test_an_older_version_changes_nothing() -> None:
    known = lots(lot("a", version=5, suspend=True))
    known.put(lot("a", version=4))
    assert known.read(("default", "a")).spec.suspend


def test_the_end_of_a_namesake_changes_nothing() -> None:
    known = lots(lot("a", uid="new"))
    known.drop(lot("a", uid="old"))
    assert known.names() == [("default", "a")]


def test_a_spec_that_contradicts_itself_is_told_each_time() -> None:
    known = lots(lot("a", layout={"rows": {"A": 11, "A1": 1}}))
    for _ in range(2):
        with pytest.raises(InvalidInputError, match="every bay should have a name of its own"):
            known.read(("default", "a"))
    known.put(lot("a", version=2))
    assert known.read(("default", "a")).spec.layout.size == 10
