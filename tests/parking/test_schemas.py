"""The checked-in schemas are those of the models, and say what the models say."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from parking.event import CameraEvent
from parking.schemas import drifted, schemas, write
from parking.session import Session

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "domain" / "schemas"

EVENT: dict[str, Any] = {
    "timestamp": "2026-01-01 00:00:00",
    "timestamp_unix": 1_767_225_600,
    "license_plate": "51A-123.45",
    "location": "A7",
    "status_code": "PARKED",
}
SESSION: dict[str, Any] = {
    "license_plate": "51A-123.45",
    "location": "A7",
    "start_time": 1_767_225_600,
    "end_time": 1_767_225_660,
    "duration": 60,
    "cost": 10_000,
    "status": "CLOSED",
    "last_updated": 1_767_225_660,
    "session_id": "0123456789abcdef0123",
    "lot": "central",
    "version": 6,
    "currency": "VND",
    "partition": 0,
    "last_arrival": 1_767_225_660_123,
}


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_checked_in_schemas_fit_the_models() -> None:
    assert drifted(FOLDER, schemas()) == []


def test_records_that_are_allowed() -> None:
    validator("camera-event").validate(EVENT)
    validator("camera-event").validate(EVENT | {"lot": "central", "confidence": 0.9, "unknown": 1})
    validator("camera-event").validate(json.loads(CameraEvent(**EVENT).model_dump_json()))
    validator("session").validate(SESSION)
    validator("session").validate(json.loads(Session(**SESSION).model_dump_json()))
    for path in (ROOT / "examples").glob("*.yaml"):
        validator("parking-lot").validate(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("camera-event", EVENT | {"timestamp_unix": "1"}),
        ("camera-event", EVENT | {"status_code": "GONE"}),
        ("camera-event", {field: EVENT[field] for field in EVENT if field != "location"}),
        ("session", SESSION | {"duration": -1}),
        ("session", SESSION | {"status": "OPEN"}),
        ("parking-lot", {"kind": "ParkingLot"}),
    ],
)
def test_records_that_are_not(name: str, record: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator(name).validate(record)


def test_writing_again_changes_no_byte(tmp_path: Path) -> None:
    write(tmp_path, schemas())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == schemas()
    assert drifted(tmp_path, schemas()) == []


def test_the_check_names_what_drifted_and_fails(tmp_path: Path) -> None:
    write(tmp_path, schemas())
    (tmp_path / "session.schema.json").write_text("{}")
    (tmp_path / "camera-event.schema.json").unlink()
    (tmp_path / "older.schema.json").write_text("{}")
    told = subprocess.run(
        [sys.executable, "-m", "parking.schemas", "--check", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert told.stderr.startswith("camera-event.schema.json, older.schema.json, session.schema.json in ")
