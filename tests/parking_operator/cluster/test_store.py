"""What is remembered of objects, whatever the order in which news arrive."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking_operator.cluster.store import Store
from parking_operator.objects import ref_of

LOT = ("default", "central")


def config_map(version: int, *, name: str = "a", uid: str = "1", lot: str = "central") -> dict[str, Any]:
    labels = {"app.kubernetes.io/instance": lot, "parking.dev/lot-namespace": "default"}
    metadata = {"name": name, "namespace": "default", "uid": uid, "resourceVersion": str(version), "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"version": str(version)}}


@given(st.permutations([1, 5, 9, 10, 100]))
def test_the_newest_version_stays_in_whatever_order_they_come(versions: list[int]) -> None:
    store = Store()
    newest = 0
    for version in versions:
        assert store.put(config_map(version)) == (LOT if version > newest else None), "whether it is news"
        newest = max(newest, version)
    (held,) = store.of_lot(LOT).values()
    assert held["data"]["version"] == "100"


def test_what_is_gone_is_forgotten() -> None:
    store = Store()
    store.put(config_map(1))
    assert store.drop(config_map(2)) == LOT
    assert store.of_lot(LOT) == {}


def test_a_late_word_of_an_end_does_not_hide_what_came_in_its_place() -> None:
    store = Store()
    store.put(config_map(1, uid="old"))
    store.put(config_map(7, uid="new"))
    store.drop(config_map(5, uid="old"))
    assert [body["metadata"]["uid"] for body in store.of_lot(LOT).values()] == ["new"]


def test_an_object_that_changes_its_owner_moves() -> None:
    store = Store()
    store.put(config_map(1))
    store.put(config_map(2, lot="harbour"))
    assert store.of_lot(LOT) == {}
    assert len(store.of_lot(("default", "harbour"))) == 1


def test_the_runs_of_a_schedule_are_not_the_lots() -> None:
    """The Spark operator gives them the labels of their ScheduledSparkApplication."""
    run = config_map(1)
    run["metadata"]["ownerReferences"] = [{"kind": "ScheduledSparkApplication", "name": "upkeep"}]
    store = Store()
    assert store.put(run) is None
    assert store.of_lot(LOT) == {}


@pytest.mark.parametrize("kind", ["ParkingLot", "ReplicaSet", "SparkApplication"])
def test_children_and_their_pods_are_the_lots(kind: str) -> None:
    child = config_map(2)
    child["metadata"]["ownerReferences"] = [{"kind": kind, "name": "central", "controller": True}]
    assert Store().put(child) == LOT


def test_what_only_servers_read_is_left_out_and_versions_are_ours() -> None:
    topic = {**config_map(1), "apiVersion": "kafka.strimzi.io/v1beta2", "kind": "KafkaTopic"}
    topic["metadata"]["managedFields"] = [{"manager": "someone"}]
    store = Store()
    store.put(topic)
    (held,) = store.of_lot(LOT).values()
    assert held["apiVersion"] == "kafka.strimzi.io/v1"
    assert "managedFields" not in held["metadata"]
    assert store.get(ref_of(held)) == held
    assert list(store.of_kind("KafkaTopic").values()) == [held]
