"""The programs of the road as they are started."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from parking.errors import InvalidInputError, ParkingError
from parking.event import parse_event
from parking.road import RoadTopic, parse_record
from parking.road_documents import RoadDocument
from parking_simulators.road.claims import Claims
from parking_simulators.road.record import record_road
from parking_simulators.road.store import NotStoredError
from parking_simulators.settings import RoadRecordSettings, RoadSettings, read_settings
from parking_simulators.times import SECOND
from tests.parking_simulators.road.support import road_document
from tests.support.cameras import START
from tests.support.simulators import run_to_end, simulator

FILES = {*RoadTopic, "raw-data"}
END = START + 60 * SECOND


def write(document: RoadDocument, folder: Path) -> str:
    path = folder / "road.json"
    path.write_text(document.model_dump_json(by_alias=True))
    return str(path)


def lines(folder: Path) -> dict[str, list[bytes]]:
    return {path.stem: path.read_bytes().splitlines() for path in folder.glob("*.jsonl")}


def test_road_record_writes_a_file_for_each_topic(tmp_path: Path) -> None:
    config, output = write(road_document(), tmp_path), tmp_path / "new" / "out"
    argv = ["road-record", "--config", config, "--start", "2026-01-01T00:00:00Z", "--duration", "1m"]
    recorded = run_to_end(*argv, "--output", str(output))
    assert recorded.returncode == 0, recorded.stderr
    written = lines(output)
    assert set(written) == FILES
    assert f"{sum(map(len, written.values()))} records written to {output}" in recorded.stderr
    for name, values in written.items():
        records = [parse_event(v) if name == "raw-data" else parse_record(RoadTopic(name), v, 2e9) for v in values]
        assert records


def test_recording_twice_gives_the_same_bytes_and_names_are_the_documents(tmp_path: Path) -> None:
    document = road_document(topics={"gps": "positions"}, raw_topic="seen")
    for name in ("one", "other"):
        record_road(document, Claims(document.snapshots, None), START, END, tmp_path / name)
    assert lines(tmp_path / "one") == lines(tmp_path / "other")
    assert {"positions", "seen"} < set(lines(tmp_path / "one"))


def test_large_pictures_are_in_the_store_that_the_records_name(tmp_path: Path) -> None:
    snapshots: dict[str, Any] = {"maxInlineBytes": 1_000, "store": f"file://{tmp_path}/pictures"}
    config = write(road_document(snapshots=snapshots), tmp_path)
    argv = ["road-record", "--config", config, "--start", "2026-01-01T00:00:00Z", "--duration", "1m"]
    assert run_to_end(*argv, "--output", str(tmp_path / "out")).returncode == 0
    uris = [json.loads(line)["snapshot"] for line in lines(tmp_path / "out")["traffic_data"]]
    assert uris
    assert all(Path(uri.removeprefix("file://")).read_bytes()[:2] == b"\xff\xd8" for uri in uris)
    assert all(uri.startswith(f"file://{tmp_path}/pictures/2026-01-01/") for uri in uris)


def test_a_recording_ends_where_the_store_refuses(tmp_path: Path) -> None:
    class Refusing:
        def put(self, *_: object) -> str:
            raise NotStoredError("s3://bucket: 403")

    document = road_document(snapshots={"maxInlineBytes": 1})
    claims = Claims(document.snapshots, Refusing())  # type: ignore[arg-type]
    with pytest.raises(ParkingError, match=r"snapshots\.store: s3://bucket: 403"):
        record_road(document, claims, START, END, tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    document = road_document()
    with pytest.raises(ParkingError, match=r"--output: .*/file cannot be written: "):
        record_road(document, Claims(document.snapshots, None), START, END, tmp_path / "file")


def test_the_road_runs_without_a_broker_and_says_so(tmp_path: Path) -> None:
    config = write(road_document(report_interval="200ms"), tmp_path)
    with simulator("road", "--config", config, "--probe-port", "0", folder=tmp_path) as program:
        state = json.loads(program.get("/readyz"))
        assert (state["ready"], state["reason"][:15]) == (False, "not connected: ")
        program.wait_for_log("not connected")
        metrics = program.get("/metrics")
    assert 'parking_road_records_sent_total{topic="vehicle_data"}' in metrics
    assert "parking_road_vehicles_on_the_way" in metrics


def test_settings(tmp_path: Path) -> None:
    document = road_document()
    config = write(document, tmp_path)
    assert read_settings(["road", "--config", config, "--probe-port", "9101"]) == RoadSettings(document, 9101)
    span = ["--start", "2026-01-01T00:00:00Z", "--duration", "10m", "--output", "out"]
    assert read_settings(["road-record", "--config", config, *span]) == RoadRecordSettings(
        document, datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=10), Path("out")
    )


def test_every_problem_of_a_document_is_told(tmp_path: Path) -> None:
    same = ((10.0, 106.0), (10.0, 106.0))
    nothing = dict.fromkeys(("report_interval", "sighting_interval", "mean_stay"), "0s")
    twice = [{"bay": "B1", "camera_id": "camera-0"}] * 2
    fields = nothing | {"bays": twice}
    document = RoadDocument.model_validate(road_document(route=same, vehicles=0, seed=-1).model_dump() | fields)
    with pytest.raises(InvalidInputError) as caught:
        read_settings(["road", "--config", write(document, tmp_path)])
    told = Counter(problem.path for problem in caught.value.problems)
    assert told == Counter(["route", "bays", "vehicles", "reportInterval", "sightingInterval", "meanStay", "seed"])
