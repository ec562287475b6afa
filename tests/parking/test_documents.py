from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from parking.documents import CamerasDocument, Document, GatewayDocument, SessionJobDocument, SimulatedCamera
from parking.errors import InvalidInputError, ParkingError
from parking.lot import API_VERSION, KIND, ParkingLot
from parking.manifest import load_lot


def lot(**spec: Any) -> ParkingLot:
    spec = {"layout": {"rows": {"A": 2}}, **spec}
    return load_lot({"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": "central"}, "spec": spec})


def documents() -> list[Document]:
    cameras = (SimulatedCamera(camera_id="camera-0", bays=("A1", "A2"), silent=True),)
    return [
        SessionJobDocument.of(lot(), bootstrap_servers="kafka:9092", checkpoint="/data"),
        CamerasDocument.of(lot(cameras={"durationMinutes": 5}), cameras, bootstrap_servers="kafka:9092"),
        GatewayDocument.of(lot(), bootstrap_servers="kafka:9092"),
    ]


@pytest.mark.parametrize("document", documents(), ids=lambda document: type(document).__name__)
def test_documents_survive_being_written_and_read(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(document.model_dump_json(by_alias=True))
    assert type(document).read(path) == document


def test_a_gateway_is_told_rows_zone_limits_and_neighbours() -> None:
    other = {"name": "North", "url": "https://north.example/"}
    told = lot(timeZone="Asia/Ho_Chi_Minh", maxStay="2h", gateway={"otherLots": [other]})
    document = GatewayDocument.of(told, bootstrap_servers="kafka:9092")
    assert (document.time_zone, document.max_stay_seconds) == ("Asia/Ho_Chi_Minh", 7_200)
    assert [one.model_dump() for one in document.other_lots] == [other]
    assert [(row.name, row.bays[0], row.bays[-1]) for row in document.rows] == [("A", "A1", "A2")]
    assert document.bays == told.bays


def test_a_gateway_is_told_of_a_road_only_if_there_is_one() -> None:
    without = GatewayDocument.of(lot(), bootstrap_servers="kafka:9092")
    assert "road" not in without.document()
    route = [{"lat": 10.5, "lon": 106.5}, {"lat": 10.6, "lon": 106.6}]
    told = lot(road={"route": route, "reportInterval": "5s", "topics": {"gps": "positions"}})
    assert GatewayDocument.of(told, bootstrap_servers="kafka:9092").document()["road"] == {
        "gpsTopic": "positions",
        "emergencyTopic": "emergency_data",
        "route": route,
        "reportInterval": "5s",
    }


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParkingError, match=r"--config: .*gone\.json cannot be read: No such file"):
        GatewayDocument.read(tmp_path / "gone.json")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (b"\xff", {"(root)"}),
        (b"[]", {"(root)"}),
        (b'{"lot": 1}', {"lot", "bootstrapServers", "rows", "tariff", "topic", "timeoutSeconds"}),
    ],
)
def test_every_problem_of_a_document_is_told(text: bytes, paths: set[str], tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_bytes(text)
    with pytest.raises(InvalidInputError) as caught:
        GatewayDocument.read(path)
    assert {problem.path for problem in caught.value.problems} == paths


@pytest.mark.parametrize(("event_interval", "timeout", "sighting"), [("2s", 30, 2), ("1m", 30, 10), ("2s", 3, 1)])
def test_a_parked_car_is_seen_at_least_every_third_of_the_timeout(
    event_interval: str, timeout: int, sighting: int
) -> None:
    spec = {"cameras": {"eventInterval": event_interval}, "sessions": {"timeoutSeconds": timeout}}
    document = CamerasDocument.of(lot(**spec), (), bootstrap_servers="kafka:9092")
    assert document.sighting_interval == timedelta(seconds=sighting)
