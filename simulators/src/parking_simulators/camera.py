"""What a group of cameras sends: the reports of every bay it watches, in order. Pure; time is an argument."""

from collections.abc import Iterator
from heapq import merge
from itertools import chain, dropwhile, takewhile

from parking.documents import CamerasDocument
from parking.event import CameraEvent, StatusCode
from parking.lot import Faults
from parking_simulators.arrivals import Arrivals
from parking_simulators.faults import MAX_DELAY, faulty
from parking_simulators.report import Report, event_of, seen, sightings
from parking_simulators.times import Time, microseconds

_FAULTLESS = Faults()


class Cameras:
    """The cameras of one document. They keep nothing: any two of them with the same seed see the same cars."""

    def __init__(self, document: CamerasDocument) -> None:
        place = {bay: number for number, bay in enumerate(document.all_bays)}
        self._document = document
        self._camera_of = {place[bay]: c.camera_id for c in document.cameras if not c.silent for bay in c.bays}
        self._arrivals = Arrivals(document.seed, len(place), microseconds(document.exit_interval))
        self._interval = microseconds(document.sighting_interval)
        self._faulty = document.faults.model_copy(update={"silent_cameras": 0}) != _FAULTLESS

    def reports(self, since: Time, until: Time | None = None) -> Iterator[Report]:
        """Give what is sent from ``since`` on, ordered, without end or before ``until``.

        Cutting a span into parts changes nothing: the parts' reports together are those of the span.
        """
        reports = merge(*(self._bay(bay, since) for bay in self._camera_of))
        return reports if until is None else takewhile(lambda report: report.at < until, reports)

    def farewell(self, end: Time) -> Iterator[Report]:
        """Let every car that was there before ``end`` leave at ``end``."""
        for bay in self._camera_of:
            if visit := self._arrivals.visit_at(bay, end - 1):
                yield seen(visit, end, StatusCode.EXITING, 0)

    def cars(self, time: Time) -> int:
        """Count the cars in view at a time."""
        return sum(self._arrivals.visit_at(bay, time) is not None for bay in self._camera_of)

    def event(self, report: Report) -> CameraEvent:
        """Give the event that carries a report."""
        location, camera_id = self._document.all_bays[report.bay], self._camera_of[report.bay]
        return event_of(report, lot=self._document.lot, location=location, camera_id=camera_id)

    def _bay(self, bay: int, since: Time) -> Iterator[Report]:
        if not self._faulty:
            return self._sightings(bay, since)
        # a report that should have been sent before may be late enough to fall into our time
        reports = faulty(self._sightings(bay, since - MAX_DELAY), self._document.faults, self._document.seed)
        return dropwhile(lambda report: report.at < since, reports)

    def _sightings(self, bay: int, since: Time) -> Iterator[Report]:
        visits = self._arrivals.visits(bay, since)
        return chain.from_iterable(sightings(visit, self._interval, since) for visit in visits)
