import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parking.errors import ParkingError
from parking_simulators.recording import Recorded, read_recording

EVENT: dict[str, Any] = {
    "timestamp": "2026-01-01 00:00:00",
    "timestamp_unix": 1_767_225_600,
    "license_plate": "51a-123.45",
    "location": "A7",
    "status_code": "PARKED",
    "speed": 3,
}


def test_json_lines_are_passed_on_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    line = json.dumps(EVENT)
    path.write_text(f"{line}\n\n{line}")
    recorded = Recorded(1_767_225_600, "51A-123.45", line.encode())
    assert list(read_recording(path)) == [recorded, recorded]


def test_a_record_that_is_no_event_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(EVENT) + "\n" + json.dumps(EVENT | {"location": 7}))
    events = read_recording(path)
    next(events)
    with pytest.raises(ParkingError, match=r"events\.jsonl: record 2: MISTYPED_FIELD: location: '7'"):
        next(events)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name in ("gone.jsonl", "gone.parquet"):
        with pytest.raises(ParkingError, match=rf"{name} cannot be read: "):
            list(read_recording(tmp_path / name))


def test_parquet_columns_become_fields(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    seen = datetime(2026, 1, 1, tzinfo=UTC)
    pq.write_table(pa.Table.from_pylist([EVENT | {"timestamp": seen, "camera_id": None}] * 3), path)
    events = list(read_recording(path))
    assert len(events) == 3
    assert json.loads(events[0].value) == EVENT


def test_a_broken_parquet_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    path.write_text("no parquet")
    with pytest.raises(ParkingError, match=r"events\.parquet is no readable Parquet file"):
        list(read_recording(path))


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ParkingError, match=r"install parking-simulators\[parquet\]"):
        list(read_recording(tmp_path / "events.parquet"))


def test_shifting_moves_both_timestamps_and_nothing_else() -> None:
    recorded = Recorded(EVENT["timestamp_unix"], "51A-123.45", json.dumps(EVENT).encode())
    shifted = recorded.shifted(3_601)
    assert shifted.seconds == 1_767_229_201
    assert json.loads(shifted.value) == EVENT | {"timestamp": "2026-01-01 01:00:01", "timestamp_unix": 1_767_229_201}
