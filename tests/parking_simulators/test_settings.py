import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parking.documents import SimulatedCamera
from parking.errors import InvalidInputError
from parking_simulators.settings import CamerasSettings, RecordSettings, ReplaySettings, read_settings
from tests.support.cameras import cameras_document, write_document


def test_cameras(tmp_path: Path) -> None:
    document = cameras_document()
    config = write_document(document, tmp_path)
    assert read_settings(["cameras", "--config", str(config), "--probe-port", "9101"]) == CamerasSettings(
        document, 9101
    )


def test_record(tmp_path: Path) -> None:
    config = write_document(cameras_document(), tmp_path)
    argv = [
        "record",
        "--config",
        str(config),
        "--start",
        "2026-01-01T00:00:00Z",
        "--duration",
        "10m",
        "--output",
        "out",
    ]
    assert read_settings(argv) == RecordSettings(
        cameras_document(), datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=10), Path("out")
    )


def test_replay() -> None:
    argv = ["replay", "events.jsonl", "--bootstrap-servers", "kafka:9092"]
    assert read_settings(argv) == ReplaySettings(
        Path("events.jsonl"), "kafka:9092", "raw-data", 1.0, shift_to_now=False
    )
    settings = read_settings([*argv, "--topic", "raw", "--speed", "max", "--shift-to-now"])
    assert settings == ReplaySettings(Path("events.jsonl"), "kafka:9092", "raw", math.inf, shift_to_now=True)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (
            ["replay", "f", "--bootstrap-servers", "k", "--speed", "0"],
            "--speed: '0' is not allowed; a number above 0, or max",
        ),
        (["replay", "f", "--bootstrap-servers", "k", "--speed", "nan"], "--speed: 'nan' is not allowed"),
        (["replay", "f", "--bootstrap-servers", "k", "--keep-timestamps", "--shift-to-now"], "not allowed with"),
        (["replay", "f"], "--bootstrap-servers"),
        (["cameras", "--config", "c", "--probe-port", "70000"], "--probe-port: '70000' is not allowed; 0 to 65535"),
        (["record", "--start", "2026-01-01"], "--start: '2026-01-01' is not allowed; a time since 1970 with its zone"),
        (["record", "--start", "soon"], "--start: 'soon' is not allowed"),
        (["record", "--start", "1969-12-31T00:00:00Z"], "is not allowed; a time since 1970"),
        (["record", "--duration", "10"], "--duration: '10' is not allowed; should be a whole number with a unit"),
        ([], "required: cameras|replay|record"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(argv: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        read_settings(argv)
    said = capsys.readouterr().err
    assert caught.value.code == 2
    assert told in said
    assert said.count("\n") == 1


def test_every_problem_of_a_document_is_told(tmp_path: Path) -> None:
    cameras = (SimulatedCamera(camera_id="a", bays=("A1", "Z9")), SimulatedCamera(camera_id="b", bays=("A1",)))
    wrong = cameras_document(all_bays=("A1", "A1"), exit_interval="0s", event_interval="0s", seed=-1)
    wrong = wrong.model_copy(update={"cameras": cameras})
    with pytest.raises(InvalidInputError) as caught:
        read_settings(["cameras", "--config", str(write_document(wrong, tmp_path))])
    assert [problem.path for problem in caught.value.problems] == [
        "cameras.bays",
        "cameras.bays",
        "allBays",
        "exitInterval",
        "eventInterval, timeoutSeconds",
        "seed",
    ]
