"""Who is on the way when: a pure function of seed and time, without any memory.

Time since 1970 is cut into slots, and in slot n vehicle n departs. So a program that begins at any time knows who is
on the way, and drives those journeys again from their departures.
"""

from collections.abc import Callable
from functools import lru_cache

from parking_simulators.draws import draws
from parking_simulators.road.bends import LIMIT, Bends
from parking_simulators.road.incidents import CRAWL, JAM_AFTER, JAM_BEFORE, Incident, Incidents
from parking_simulators.road.journey import Journey, drive
from parking_simulators.road.route import Route
from parking_simulators.road.vehicle import FASTEST_PACE, SLOWEST_PACE, pace
from parking_simulators.road.weather import EASE, Sky
from parking_simulators.times import SECOND, Time

_SECTION = 500.0  # metres that share the weather's effect
_MINUTE = 60 * SECOND
_SAMPLES = 32
_SAMPLE_START, _SAMPLE_EVERY = 1_750_000_000 * SECOND, 18_900 * SECOND  # a week, at all hours of the day


class Road:
    """What drivers meet on the way: weather and incidents along a route."""

    def __init__(self, route: Route, sky: Sky, incidents: Incidents) -> None:
        self.route = route
        self.sky = sky
        self.incidents = incidents
        self.bends = Bends(route)
        self._ease: Callable[[int, int], float] = lru_cache(65_536)(self._eased)

    def ease(self, distance: float, time: Time) -> float:
        """Give the part of the speed limit that the weather leaves at a place and time."""
        return self._ease(int(distance / _SECTION), time // _MINUTE)

    def ahead(self, start: float, end: float, time: Time) -> tuple[Incident, ...]:
        """Give the incidents of a piece of road about a time."""
        return tuple(self.incidents.between(start, end, time))

    def drive(self, pace: float, departure: Time) -> Journey:
        """Drive from A to B."""
        return drive(self.route.length, self.bends, self, pace, departure)

    def _eased(self, section: int, minute: int) -> float:
        place = self.route.position((section + 0.5) * _SECTION)
        return EASE[self.sky.at(place, minute * _MINUTE).condition]


class _Worst:
    """Surroundings in which nobody is slower: the worst weather, incidents left out."""

    def ease(self, _distance: float, _time: Time) -> float:
        return min(EASE.values())

    def ahead(self, _start: float, _end: float, _time: Time) -> tuple[Incident, ...]:
        return ()


class Fleet:
    """The vehicles of a road, about ``size`` of them on their way at once."""

    def __init__(self, seed: int, road: Road, size: int) -> None:
        self._seed = seed
        self._road = road
        journeys = (road.drive(pace(seed, n), _SAMPLE_START + n * _SAMPLE_EVERY) for n in range(_SAMPLES))
        typical = sum(journey.arrival - journey.departure for journey in journeys) // _SAMPLES
        self.slot_length = max(1_000, typical // size)
        self.fastest: Time = int(road.route.length / (LIMIT * FASTEST_PACE) * SECOND)
        self.slowest: Time = _slowest(road)
        """No journey takes longer: for finding who may be on the way."""
        self.journey: Callable[[int], Journey] = lru_cache(2 * size + 128)(self._driven)
        self.arrival: Callable[[int], Time] = lru_cache(2**18)(lambda number: self.journey(number).arrival)

    def departure(self, number: int) -> Time:
        """Give the time at which a vehicle departs: somewhere within its slot."""
        return number * self.slot_length + int(draws(self._seed, b"departure", number)[0] * self.slot_length)

    def slot_at(self, time: Time) -> int:
        """Give the number of the vehicle in whose slot a time falls."""
        return time // self.slot_length

    def on_the_way(self, time: Time) -> list[int]:
        """Give the numbers of all vehicles that are between A and B."""
        numbers = range(self.slot_at(time - self.slowest), self.slot_at(time) + 1)
        return [n for n in numbers if self.departure(n) <= time < self.arrival(n)]

    def _driven(self, number: int) -> Journey:
        return self._road.drive(pace(self._seed, number), self.departure(number))


def _slowest(road: Road) -> Time:
    """Give a travel time that no vehicle exceeds: the slowest driver in a storm, every segment with two jams."""
    storm = drive(road.route.length, road.bends, _Worst(), SLOWEST_PACE, 0).arrival
    jam = (JAM_BEFORE + JAM_AFTER) / CRAWL + 2 * LIMIT / 1.0  # and slowing down before it, and speeding up again
    return storm + int(2 * road.incidents.segments * jam * SECOND)
