"""How vehicles park when they are there: a pure function of who arrives when, without any memory.

The reserved bays are taken in turn: of the vehicles that mean to park, the next goes to the next bay. Where more
arrive than the bays can take, every second, third, … vehicle means to park, so that stays are as long as asked for;
the others drive on. A car leaves when its stay is over, but always shortly before another vehicle that means to
park in its bay arrives, whether that departed after it or was overtaken by it. So two cars never meet in a bay. Is
less than a short stay left, it drives on without parking, as though it had seen the other one coming.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from parking.road_documents import RoadDocument
from parking_simulators.arrivals import Visit
from parking_simulators.draws import draws
from parking_simulators.road.fleet import Fleet
from parking_simulators.road.vehicle import vehicle
from parking_simulators.times import SECOND, Time, microseconds

_SHORTEST, _LONGEST = 0.6, 1.4  # stay, in mean stays
_ROOM_PER_STAY = 1.5
_SIGHTINGS = 3
_LARGEST_GAP: Time = 3 * SECOND


class Arriving:
    """The stays of the vehicles of a fleet in the bays of a document."""

    def __init__(self, document: RoadDocument, fleet: Fleet) -> None:
        self._seed = document.seed
        self._fleet = fleet
        self._mean_stay = microseconds(document.mean_stay)
        self._interval = microseconds(document.sighting_interval)
        self._gap = min(_LARGEST_GAP, self._interval)
        self._bays = len(document.bays)
        room = max(int(self._mean_stay * _ROOM_PER_STAY), (_SIGHTINGS + 1) * self._interval)
        self._every = max(1, -(-room // (fleet.slot_length * max(1, self._bays))))
        self.visit: Callable[[int], Visit | None] = lru_cache(65_536)(self._visit)
        """The stay of the vehicle with a number, None if it drives on."""

    @property
    def shortest_stay(self) -> Time:
        """What is left at least to a car that parks."""
        return _SIGHTINGS * self._interval

    def may_be_there(self, time: Time) -> Iterator[int]:
        """Give the vehicles, in their order, that are no longer on the way for sure but may stand in a bay."""
        if self._bays:
            first = self._fleet.slot_at(time - self._fleet.slowest - self._stay(1.0))
            last = self._fleet.slot_at(time - self._fleet.slowest)
            yield from range(-(-first // self._every) * self._every, last, self._every)

    def _visit(self, number: int) -> Visit | None:
        if not self._bays or number % self._every:
            return None
        arrival = self._fleet.arrival(number)
        leaves = self._before_others(number, arrival, arrival + self._stay(draws(self._seed, b"stay", number)[0]))
        if leaves - arrival < self.shortest_stay:
            return None
        bay = number // self._every % self._bays
        return Visit(bay, number, vehicle(self._seed, number).plate, arrival, leaves)

    def _stay(self, drawn: float) -> Time:
        stay = int(self._mean_stay * (_SHORTEST + drawn * (_LONGEST - _SHORTEST)))
        return max(stay, self.shortest_stay)

    def _before_others(self, number: int, arrival: Time, leaves: Time) -> Time:
        """Shorten a stay so that it ends before the next vehicle arrives at the bay."""
        fleet, turn = self._fleet, self._every * self._bays
        other = number - turn
        while fleet.departure(other) + fleet.slowest >= arrival:  # it may have been overtaken
            leaves = self._earlier(arrival, fleet.arrival(other), leaves, other < number)
            other -= turn
        other = number + turn
        while fleet.departure(other) + fleet.fastest < leaves + self._gap:  # later ones come too late to matter
            leaves = self._earlier(arrival, fleet.arrival(other), leaves, other < number)
            other += turn
        return leaves

    def _earlier(self, arrival: Time, other: Time, leaves: Time, departed_first: bool) -> Time:
        """Give the end of a stay if another vehicle arrives later; of two at once, the one that departed later."""
        comes_later = other > arrival or (other == arrival and not departed_first)
        return min(leaves, other - self._gap) if comes_later else leaves
