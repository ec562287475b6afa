import json
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking.event import parse_event
from parking_simulators.camera import Cameras
from parking_simulators.record import record
from parking_simulators.times import SECOND
from tests.support.cameras import START, cameras_document


def test_a_recording_holds_what_the_cameras_would_send(tmp_path: Path) -> None:
    path, end = tmp_path / "events.jsonl", START + 60 * SECOND
    written = record(cameras_document(), START, end, path)
    lines = path.read_bytes().splitlines()
    cameras = Cameras(cameras_document())
    assert [json.loads(line) for line in lines] == [
        cameras.event(report).model_dump(mode="json") for report in cameras.reports(START, end)
    ]
    assert written == len(lines) > 100
    assert all(parse_event(line) for line in lines)


def test_recording_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        record(cameras_document(), START, START + 60 * SECOND, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_planned_end_is_in_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    record(cameras_document(duration_minutes=1), START, START + 600 * SECOND, path)
    events = [parse_event(line) for line in path.read_bytes().splitlines()]
    last = {event.license_plate: event.status_code for event in events}
    assert set(last.values()) == {"EXITING"}
    assert max(event.timestamp_unix for event in events) == START // SECOND + 60


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParkingError, match=r"--output: .*gone/events\.jsonl cannot be written: No such file"):
        record(cameras_document(), START, START + SECOND, tmp_path / "gone" / "events.jsonl")
