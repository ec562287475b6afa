"""Writes what cameras would send into a file of JSON lines, as fast as it can be made up."""

from itertools import chain
from pathlib import Path

from parking.documents import CamerasDocument
from parking.errors import ParkingError
from parking_simulators.camera import Cameras
from parking_simulators.times import SECOND, Time


def record(document: CamerasDocument, start: Time, end: Time, output: Path) -> int:
    """Write every event from ``start`` until before ``end`` or the planned end; gives their number."""
    cameras = Cameras(document)
    reports = cameras.reports(start, end)
    if document.duration_minutes is not None:
        planned = start + document.duration_minutes * 60 * SECOND
        if planned <= end:
            reports = chain(cameras.reports(start, planned), cameras.farewell(planned))
    written = 0
    try:
        with output.open("w", encoding="utf-8") as file:
            for report in reports:
                file.write(cameras.event(report).model_dump_json() + "\n")
                written += 1
    except OSError as error:
        raise ParkingError(f"--output: {output} cannot be written: {error.strerror}") from error
    return written
