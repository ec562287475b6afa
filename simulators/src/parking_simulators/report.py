"""What a camera reports about one visit."""

from collections.abc import Iterator
from typing import NamedTuple

from parking.event import CameraEvent, StatusCode
from parking_simulators.arrivals import Visit
from parking_simulators.times import SECOND, Time, timestamp

_MOVING_BEFORE_EXIT = 2 * SECOND


class Report(NamedTuple):
    """One sighting of the car in one bay. Reports sort by the time at which they are sent."""

    at: Time
    """When it is sent."""
    bay: int
    time: Time
    """When the car was seen."""
    slot: int
    nth: int
    """Number of the sighting within the visit: with bay and slot the identity of the report."""
    status: StatusCode
    plate: str
    confidence: float


def sightings(visit: Visit, interval: int, since: Time) -> Iterator[Report]:
    """Report a visit from ``since`` on: ENTERING, PARKED every ``interval``, MOVING shortly before EXITING."""
    stay = visit.departure - visit.arrival
    moving = visit.departure - min(interval, _MOVING_BEFORE_EXIT, stay // 4)
    first = max(0, _ceil(since - visit.arrival, interval))
    last = _ceil(moving - visit.arrival, interval)
    for nth in range(first, last):
        yield seen(visit, visit.arrival + nth * interval, StatusCode.PARKED if nth else StatusCode.ENTERING, nth)
    if moving >= since:
        yield seen(visit, moving, StatusCode.MOVING, last)
    yield seen(visit, visit.departure, StatusCode.EXITING, last + 1)


def seen(visit: Visit, time: Time, status: StatusCode, nth: int) -> Report:
    """Report one sighting, sent at once and read well."""
    confidence = (900 + (visit.bay * 31 + visit.slot * 17 + nth * 7) % 100) / 1000
    return Report(time, visit.bay, time, visit.slot, nth, status, visit.plate, confidence)


def event_of(report: Report, *, lot: str, location: str, camera_id: str) -> CameraEvent:
    """Give the event that carries a report."""
    seconds = report.time // SECOND
    return CameraEvent(
        timestamp=timestamp(seconds),
        timestamp_unix=seconds,
        license_plate=report.plate,
        location=location,
        status_code=report.status,
        lot=lot,
        camera_id=camera_id,
        confidence=report.confidence,
    )


def _ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
