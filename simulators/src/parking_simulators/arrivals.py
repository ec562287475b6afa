"""Which car stands in which bay when: a pure function of seed, bay and time, without any memory.

The time of a bay is cut into slots of equal length, and in each slot at most one car comes and goes. So two cars
never meet in a bay, and whoever looks at a bay, from whenever on, sees the same cars.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from parking_simulators.draws import draws
from parking_simulators.plates import plate
from parking_simulators.times import Time

_SLOT_PER_STAY = 1.5
_SHORTEST, _LONGEST = 0.6, 1.4  # stay, in mean stays: what is left of the slot is the gap before the next car
_SMALLEST_GAP = 0.05
_EMPTY_SLOTS = 0.05  # together: a bay is taken 63 % of the time


@dataclass(frozen=True, slots=True)
class Visit:
    """One car's stay: it stands in the bay from ``arrival`` until just before ``departure``."""

    bay: int
    slot: int
    plate: str
    arrival: Time
    departure: Time


@dataclass(frozen=True)
class Arrivals:
    """The cars of a lot with ``bays`` bays (named by their place, from 0) that stay ``mean_stay`` on average."""

    seed: int
    bays: int
    mean_stay: int

    @property
    def slot_length(self) -> int:
        """Length of the slots, microseconds."""
        return int(self.mean_stay * _SLOT_PER_STAY)

    def visits(self, bay: int, since: Time) -> Iterator[Visit]:
        """Give a bay's visits without end, beginning with the first that ends at ``since`` or later."""
        for slot in count(self._slot_at(bay, since)):
            visit = self._visit(bay, slot)
            if visit is not None and visit.departure >= since:
                yield visit

    def visit_at(self, bay: int, time: Time) -> Visit | None:
        """Give the visit of the car that stands in a bay at a time."""
        visit = self._visit(bay, self._slot_at(bay, time))
        return visit if visit is not None and visit.arrival <= time < visit.departure else None

    def _phase(self, bay: int) -> int:
        """Shift the slots of each bay, so that the lot does not breathe as one."""
        return int(draws(self.seed, b"phase", bay)[0] * self.slot_length)

    def _slot_at(self, bay: int, time: Time) -> int:
        return (time - self._phase(bay)) // self.slot_length

    def _visit(self, bay: int, slot: int) -> Visit | None:
        empty, stay_drawn, arrival_drawn, _ = draws(self.seed, b"visit", bay, slot)
        if empty < _EMPTY_SLOTS:
            return None
        stay = int(self.mean_stay * (_SHORTEST + stay_drawn * (_LONGEST - _SHORTEST)))
        room = self.slot_length - stay - int(self.mean_stay * _SMALLEST_GAP)
        arrival = self._phase(bay) + slot * self.slot_length + int(room * arrival_drawn)
        return Visit(bay, slot, plate(self.seed, bay + self.bays * slot), arrival, arrival + stay)
