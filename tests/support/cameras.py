"""Documents of simulated cameras, and a clock that is moved by sleeping, for tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parking.assignment import bays_of_cameras
from parking.documents import CamerasDocument, SimulatedCamera
from parking_simulators.times import SECOND, Time

START: Time = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z"""


def cameras_document(bays: int = 6, cameras: int = 2, **fields: Any) -> CamerasDocument:
    """Describe cameras of a small lot; further ``fields`` replace what the document says otherwise."""
    names = tuple(f"A{number}" for number in range(1, bays + 1))
    shares = bays_of_cameras(names, cameras)
    watched = [SimulatedCamera(camera_id=f"camera-{number}", bays=share) for number, share in enumerate(shares)]
    told: Mapping[str, Any] = {
        "lot": "central",
        "bootstrap_servers": "127.0.0.1:1",
        "topic": "raw-data",
        "cameras": tuple(watched),
        "all_bays": names,
        "seed": 42,
        "event_interval": "2s",
        "exit_interval": "30s",
        "timeout_seconds": 30,
    }
    return CamerasDocument.model_validate({**told, **fields})


def write_document(document: CamerasDocument, folder: Path) -> Path:
    """Mount a document as a program finds it."""
    path = folder / "cameras.json"
    path.write_text(document.model_dump_json(by_alias=True))
    return path


class FakeClock:
    """A clock on which only sleeping takes time."""

    def __init__(self, *, stop_at: Time) -> None:
        self.time: Time = START
        self._stop_at = stop_at

    def now(self) -> Time:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += int(seconds * SECOND)

    def stopped(self) -> bool:
        return self.time >= self._stop_at
