from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from parking.errors import InvalidInputError
from parking.lot import API_VERSION, KIND, ParkingLot
from parking.manifest import load_lot
from parking.road import RoadTopic
from parking.road_documents import ArrivalBay, LakeDocument, RoadDocument
from parking.road_spec import Road
from parking.topics import topics_of


def lot(road: dict[str, Any] | None, **spec: Any) -> ParkingLot:
    told = {"layout": {"rows": {"A": 8}}, **spec, **({} if road is None else {"road": road})}
    return load_lot({"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": "my-lot"}, "spec": told})


def road_of(told: ParkingLot) -> Road:
    assert told.spec.road is not None
    return told.spec.road


def test_a_lot_has_no_road_unless_it_asks_for_one() -> None:
    assert lot(None).spec.road is None
    assert len(topics_of(lot(None))) == 3


def test_a_road_has_five_topics_that_survive_a_broker() -> None:
    *_, vehicle, gps, traffic, weather, emergency = topics_of(lot({"partitions": 4}, kafka={"replicas": 3}))
    assert [topic.name for topic in (vehicle, gps, traffic, weather, emergency)] == list(RoadTopic)
    assert {(t.partitions, t.replicas, t.config["min.insync.replicas"]) for t in (vehicle, emergency)} == {(4, 3, "2")}


def test_fewer_copies_than_asked_for_have_to_have_a_record_then() -> None:
    topic = topics_of(lot({}, kafka={"replicas": 3}))[-1]
    kept = [(one.replicas, one.config["min.insync.replicas"]) for one in map(topic.limited, (5, 3, 2, 1))]
    assert kept == [(3, "2"), (3, "2"), (2, "1"), (1, "1")]
    raw = topics_of(lot({}))[2]
    assert raw.limited(1) == raw.model_copy(update={"replicas": 1})


def test_one_copy_has_to_be_in_sync_where_there_is_one() -> None:
    assert topics_of(lot({}, kafka={"replicas": 1}))[-1].config["min.insync.replicas"] == "1"


@pytest.mark.parametrize(
    ("road", "path", "allowed"),
    [
        ({"bays": 9}, "spec.road.bays", "at most all bays: 1 to 8"),
        ({"reportInterval": "0s"}, "spec.road.reportInterval", "should be longer than nothing"),
        ({"topics": {"gps": "raw-data"}}, "spec.road.topics", "and none of spec.topics"),
        ({"topics": {"gps": "weather_data"}}, "spec.road.topics", "should be five different topics"),
        ({"lake": {"catalogue": {"type": "REST"}}}, "spec.road.lake.catalogue.uri", "an address with type REST"),
        ({"lake": {"catalogue": {"uri": "http://c"}}}, "spec.road.lake.catalogue.uri", "an address with type REST"),
        ({"lake": {"catalogue": {"type": "Glue"}}}, "spec.road.lake.warehouse", "with type Glue: s3://bucket/folder"),
        ({"route": [{"lat": 1, "lon": 1}]}, "spec.road.route", "at least 2"),
        ({"lake": {"awsRole": "admin"}}, "spec.road.lake.awsRole", "match pattern"),
        ({"upkeep": {"schedule": "hourly"}}, "spec.road.upkeep.schedule", "match pattern"),
        ({"vehicle": 1}, "spec.road.vehicle", "did you mean vehicles?"),
    ],
)
def test_a_wrong_road_is_told_with_its_field(road: dict[str, Any], path: str, allowed: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        lot(road)
    (problem,) = caught.value.problems
    assert problem.path == path
    assert allowed in problem.allowed


def test_the_simulator_is_told_its_slice(tmp_path: Path) -> None:
    told = lot({"vehicles": 7, "lake": {"s3": {"endpoint": "http://s3:7070", "region": "eu-west-1"}}})
    bays = (ArrivalBay(bay="A8", camera_id="cam-01"),)
    document = RoadDocument.of(told, road_of(told), bays, bootstrap_servers="kafka:9092")
    assert (document.vehicles, document.raw_topic, document.s3_endpoint) == (7, "raw-data", "http://s3:7070")
    assert document.sighting_interval == timedelta(seconds=2)
    path = tmp_path / "document.json"
    path.write_text(document.model_dump_json(by_alias=True))
    assert RoadDocument.read(path) == document


@pytest.mark.parametrize(
    ("lake", "warehouse", "uri", "namespace"),
    [
        ({}, "/data/warehouse", "jdbc:sqlite:/data/catalogue.db", "my_lot"),
        ({"warehouse": "s3://lake/tables/"}, "s3://lake/tables", "jdbc:sqlite:/data/catalogue.db", "my_lot"),
        (
            {"catalogue": {"type": "REST", "uri": "http://c:8181", "namespace": "road"}, "warehouse": "s3://lake/w"},
            "s3://lake/w",
            "http://c:8181",
            "road",
        ),
        ({"catalogue": {"type": "Glue"}, "warehouse": "s3://lake/w"}, "s3://lake/w", None, "my_lot"),
    ],
)
def test_the_lake_is_told_where_its_tables_are(
    lake: dict[str, Any], warehouse: str, uri: str | None, namespace: str
) -> None:
    told = lot({"lake": lake})
    document = LakeDocument.of(told, road_of(told), bootstrap_servers="kafka:9092", storage="/data")
    found = document.catalogue
    assert (document.warehouse, found.uri, found.namespace) == (warehouse, uri, namespace)
    assert document.processed_topic == "processed-data"
