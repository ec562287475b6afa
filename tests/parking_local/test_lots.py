"""Manifests on this machine."""

from pathlib import Path
from typing import Any

import pytest

from parking.errors import InvalidInputError, ParkingError
from parking.lot import ParkingLot
from parking_local.lots import localised, read_manifest, refuse_impossible_edit
from tests.support.worlds import make_lot


def test_a_manifest_is_read(tmp_path: Path) -> None:
    (tmp_path / "lot.yaml").write_text(
        "apiVersion: parking.dev/v1alpha1\nkind: ParkingLot\nmetadata: {name: a}\nspec: {layout: {rows: {A: 2}}}\n"
    )
    assert read_manifest(tmp_path / "lot.yaml").bays == ("A1", "A2")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"a: [1\nb: 2", r"lot\.yaml:2:2: not YAML: expected ',' or ']'"),
        (b"kind: ParkingLot", "ParkingLot \\? is not valid"),
        (b"", "should be a mapping"),
    ],
)
def test_what_is_no_manifest_is_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    if content is not None:
        (tmp_path / "lot.yaml").write_bytes(content)
    with pytest.raises(ParkingError, match=told):
        read_manifest(tmp_path / "lot.yaml")


@pytest.mark.parametrize("sessions", ["", "  sessions: {}", "  sessions: {engine: Spark, timeoutSeconds: 60}"])
def test_another_engine_than_the_manifests_can_be_asked_for(tmp_path: Path, sessions: str) -> None:
    (tmp_path / "lot.yaml").write_text(
        "apiVersion: parking.dev/v1alpha1\nkind: ParkingLot\nmetadata: {name: a}\n"
        f"spec:\n  layout: {{rows: {{A: 2}}}}\n{sessions}\n"
    )
    given = read_manifest(tmp_path / "lot.yaml").spec.sessions
    asked = read_manifest(tmp_path / "lot.yaml", engine="Embedded").spec.sessions
    assert (given.engine, asked.engine) == ("Spark", "Embedded")
    assert asked.timeout_seconds == given.timeout_seconds


@pytest.mark.parametrize("content", ["", "spec:", "spec: {sessions: 3}", "[1]", "spec: {sessions: }"])
def test_an_engine_asked_for_hides_no_problem(tmp_path: Path, content: str) -> None:
    (tmp_path / "lot.yaml").write_text(content)
    with pytest.raises(InvalidInputError) as without:
        read_manifest(tmp_path / "lot.yaml")
    with pytest.raises(InvalidInputError) as with_one:
        read_manifest(tmp_path / "lot.yaml", engine="Embedded")
    assert str(with_one.value) == str(without.value)


@pytest.mark.parametrize("checkpoint", [{"location": "s3a://far"}, {"claimName": "far"}])
def test_here_the_lot_belongs_to_no_cluster(checkpoint: dict[str, str]) -> None:
    lot = make_lot(
        kafka={"cluster": {"name": "main", "namespace": "kafka"}, "bootstrapServers": "far:9092", "partitions": 3},
        sessions={"checkpoint": checkpoint},
    )
    here = localised(lot).spec
    assert (here.kafka.cluster, here.kafka.bootstrap_servers) == (None, None)
    assert here.sessions.checkpoint.document() == {}
    assert here.kafka.partitions == 3


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "other"}, "metadata.name"),
        ({"sessions": {"shards": 4}}, "spec.sessions.shards"),
        ({"kafka": {"partitions": 5}}, "spec.kafka.partitions"),
    ],
)
def test_edits_that_data_would_not_survive_are_refused(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        refuse_impossible_edit(make_lot(), make_lot(**change))
    assert [problem.path for problem in caught.value.problems] == [path]


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ({"brokers": 3}, {"brokers": 1}, 3),
        ({}, {"brokers": 3}, 1),
        (None, {"brokers": 3}, 1),
        ({"brokers": 3}, None, 3),
    ],
)
def test_the_number_of_brokers_never_changes(old: dict[str, Any] | None, new: dict[str, Any] | None, kept: int) -> None:
    with pytest.raises(InvalidInputError, match=rf"never changes: {kept} \(or `parking reset`") as caught:
        refuse_impossible_edit(with_road(old), with_road(new))
    assert [problem.path for problem in caught.value.problems] == ["spec.road.brokers"]


@pytest.mark.parametrize("road", [{}, {"brokers": 1}])
def test_a_road_with_one_broker_comes_and_goes(road: dict[str, Any]) -> None:
    refuse_impossible_edit(with_road(None), with_road(road))
    refuse_impossible_edit(with_road(road), with_road(None))


def with_road(road: dict[str, Any] | None) -> ParkingLot:
    return make_lot() if road is None else make_lot(road=road)


def test_other_edits_pass() -> None:
    refuse_impossible_edit(make_lot(), make_lot(cameras={"count": 9}, kafka={"partitions": 12}))
