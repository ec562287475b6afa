"""Incidents on the road: a pure function of seed, segment and time, without any memory.

The time of every segment is cut into slots, as that of bays is. In a slot there is at most one incident, which begins,
ends and is forgotten within it; so whoever passes, from whenever on, sees the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from parking.road import IncidentType
from parking_simulators.draws import draws
from parking_simulators.road.bends import braking_to
from parking_simulators.road.route import evenly
from parking_simulators.times import SECOND, Time

REMEMBERED: Time = 300 * SECOND
"""How long after its end an incident is reported as resolved."""
IN_SIGHT = 1_500.0
"""From how many metres along the road an incident is reported."""
CRAWL = 3.0
"""Speed past an incident, m/s."""
JAM_BEFORE, JAM_AFTER = 120.0, 30.0
"""Metres before and after an incident where traffic crawls."""
SEGMENT = 1_000.0  # metres, about
_SLOT: Time = 1_800 * SECOND
_SHORTEST, _LONGEST = 240 * SECOND, 720 * SECOND
_LIKELIHOOD = 0.15
_HAPPENED: dict[IncidentType, str] = {
    "Accident": "Two vehicles collided; one lane is closed",
    "Fire": "A vehicle burns at the roadside; fire brigade at work",
    "Medical": "An ambulance attends to a person; one lane is closed",
    "Police": "Police check vehicles; one lane is closed",
}


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened at a ``distance`` along the road, from ``begin`` until just before ``end``."""

    segment: int
    slot: int
    type: IncidentType
    distance: float
    begin: Time
    end: Time

    @property
    def description(self) -> str:
        """Say in words what happened where."""
        return f"{_HAPPENED[self.type]}, {self.distance / 1_000:.1f} km along the road"

    def active(self, time: Time) -> bool:
        """Whether it goes on at a time."""
        return self.begin <= time < self.end

    def allowed(self, distance: float, time: Time) -> float:
        """Give the speed that it allows at a place, m/s: traffic before it slows to a crawl."""
        if distance > self.distance + JAM_AFTER or not self.active(time):
            return inf
        return braking_to(CRAWL, max(0.0, self.distance - JAM_BEFORE - distance))


class Incidents:
    """All incidents of a road of some length; with ``likelihood`` 0 there is none."""

    def __init__(self, seed: int, length: float, likelihood: float = _LIKELIHOOD) -> None:
        self._seed = seed
        self._likelihood = likelihood
        self.segments, self._segment = evenly(length, SEGMENT)
        self._phases = [int(draws(seed, b"incident phase", n)[0] * _SLOT) for n in range(self.segments)]
        self._in_slot: Callable[[int, int], Incident | None] = lru_cache(16_384)(self._drawn)

    def between(self, start: float, end: float, time: Time) -> Iterator[Incident]:
        """Give the incidents of a piece of road that happen, will or did in the slots of a time."""
        first, last = int(max(0.0, start) / self._segment), int(max(0.0, end) / self._segment)
        for segment in range(first, min(last, self.segments - 1) + 1):
            incident = self._in_slot(segment, (time - self._phases[segment]) // _SLOT)
            if incident is not None and start <= incident.distance <= end:
                yield incident

    def seen(self, distance: float, time: Time) -> Incident | None:
        """Give what a vehicle reports: an active incident before a resolved one, then the nearest."""
        begun = (
            incident
            for incident in self.between(distance - IN_SIGHT, distance + IN_SIGHT, time)
            if incident.begin <= time < incident.end + REMEMBERED
        )
        return min(begun, key=lambda one: (not one.active(time), abs(one.distance - distance)), default=None)

    def _drawn(self, segment: int, slot: int) -> Incident | None:
        happens, kind, place, length = draws(self._seed, b"incident", segment, slot)
        if happens >= self._likelihood:
            return None
        lasts = _SHORTEST + int(length * (_LONGEST - _SHORTEST))
        begin_drawn, *_ = draws(self._seed, b"incident begin", segment, slot)
        begin = self._phases[segment] + slot * _SLOT + int(begin_drawn * (_SLOT - lasts - REMEMBERED))
        distance = (segment + 0.1 + 0.8 * place) * self._segment
        return Incident(segment, slot, list(_HAPPENED)[int(kind * len(_HAPPENED))], distance, begin, begin + lasts)
