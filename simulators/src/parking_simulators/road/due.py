"""What is due when: every moment at which a vehicle, or a camera that sees one, reports. Pure; time is an argument."""

from collections.abc import Iterator
from enum import IntEnum
from heapq import heappop, heappush, heapreplace
from itertools import chain, count, takewhile
from math import ceil
from typing import NamedTuple

from parking.road_documents import RoadDocument
from parking_simulators.arrivals import Visit
from parking_simulators.draws import draws
from parking_simulators.report import Report, sightings
from parking_simulators.road.arriving import Arriving
from parking_simulators.road.fleet import Fleet
from parking_simulators.road.route import evenly
from parking_simulators.times import Time, microseconds

_CAMERA_EVERY = 1_000.0  # metres, about


class Occasion(IntEnum):
    """Why something is sent."""

    PASSING = 0
    """A vehicle passes a camera of the road."""
    REPORTING = 1
    """A vehicle's interval is over."""
    ARRIVING = 2
    """A vehicle has stopped at B: its last report of itself."""
    PARKING = 3
    """A camera of the lot sees the car."""


class Due(NamedTuple):
    """One thing to send. They sort by time; vehicle, occasion and ``nth`` are its identity."""

    at: Time
    number: int
    occasion: Occasion
    nth: int
    sighting: Report | None = None
    """What the lot's camera sees."""


def camera_places(length: float) -> list[float]:
    """Give the distances along a road at which its cameras stand."""
    cameras, apart = evenly(length, _CAMERA_EVERY)
    return [(number + 0.5) * apart for number in range(cameras)]


class Schedule:
    """Everything that the vehicles of a fleet and the cameras they pass send."""

    def __init__(self, document: RoadDocument, length: float, fleet: Fleet, arriving: Arriving) -> None:
        self._seed = document.seed
        self._interval = microseconds(document.report_interval)
        self._sighting_interval = microseconds(document.sighting_interval)
        self._cameras = camera_places(length)
        self._fleet = fleet
        self._arriving = arriving

    def due(self, since: Time, until: Time | None = None) -> Iterator[Due]:
        """Give what is sent from ``since`` on, ordered, without end or before ``until``.

        Cutting a span into parts changes nothing: the parts' together is that of the span.
        """
        everything = self._merged(since)
        return everything if until is None else takewhile(lambda due: due.at < until, everything)

    def census(self, time: Time) -> tuple[int, int]:
        """Count the vehicles that are on the way, and those that stand in the lot."""
        recent = range(self._fleet.slot_at(time - self._fleet.slowest), self._fleet.slot_at(time) + 1)
        arrived = (n for n in chain(self._arriving.may_be_there(time), recent) if self._fleet.arrival(n) <= time)
        visits = (self._arriving.visit(n) for n in arrived)
        return len(self._fleet.on_the_way(time)), sum(visit is not None and time < visit.departure for visit in visits)

    def _merged(self, since: Time) -> Iterator[Due]:
        """Merge the vehicles' streams, each of which joins when it departs: there is no end of vehicles."""
        coming = chain(self._arriving.may_be_there(since), count(self._fleet.slot_at(since - self._fleet.slowest)))
        streams: list[tuple[Due, Iterator[Due]]] = []
        following = next(coming)
        while True:
            while not streams or self._fleet.departure(following) <= streams[0][0].at:
                stream = self._of(following, since)
                if (first := next(stream, None)) is not None:
                    heappush(streams, (first, stream))
                following = next(coming)
            due, stream = streams[0]
            yield due
            if (then := next(stream, None)) is not None:
                heapreplace(streams, (then, stream))
            else:
                heappop(streams)

    def _of(self, number: int, since: Time) -> Iterator[Due]:
        """Give what one vehicle and those who see it send from ``since`` on, ordered."""
        if self._fleet.arrival(number) >= since:
            yield from self._on_the_way(number, since)
        visit = self._arriving.visit(number)
        if visit is not None and visit.departure >= since:
            yield from self._parked(visit, since)

    def _on_the_way(self, number: int, since: Time) -> Iterator[Due]:
        journey = self._fleet.journey(number)
        start = journey.departure + int(draws(self._seed, b"report phase", number)[0] * self._interval)
        first, last = max(0, ceil((since - start) / self._interval)), -(-(journey.arrival - start) // self._interval)
        reports = [
            Due(start + n * self._interval, number, Occasion.REPORTING, n) for n in range(first, max(first, last))
        ]
        pictures = [
            Due(at, number, Occasion.PASSING, camera)
            for camera, place in enumerate(self._cameras)
            if (at := journey.time_at(place)) >= since
        ]
        arrival = Due(journey.arrival, number, Occasion.ARRIVING, max(0, last))
        return iter([*sorted([*reports, *pictures]), arrival])

    def _parked(self, visit: Visit, since: Time) -> Iterator[Due]:
        for sighting in sightings(visit, self._sighting_interval, since):
            yield Due(sighting.at, visit.slot, Occasion.PARKING, sighting.nth, sighting)
