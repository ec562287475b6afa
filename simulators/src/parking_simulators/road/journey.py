"""One journey from A to B: driven in steps of a second, so that place and speed agree at every moment."""

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from math import sqrt
from typing import Protocol

from parking_simulators.road.bends import CELL, LIMIT, Bends, stopping_within
from parking_simulators.road.incidents import JAM_BEFORE, Incident
from parking_simulators.times import SECOND, Time

ACCELERATION = 1.8
"""How drivers speed up, m/s²."""
HARDEST_BRAKING = 4.0
"""How they brake for what they did not see coming, m/s²."""
_LOOK_EVERY = 10  # steps: weather and incidents change slowly beside a second
_LOOK_AHEAD = JAM_BEFORE + 2 * _LOOK_EVERY * LIMIT  # metres: what is reached, or braked for, before the next look


class Surroundings(Protocol):
    """What a driver meets on the way."""

    def ease(self, distance: float, time: Time) -> float:
        """Give the part of the speed limit that the weather leaves at a place and time."""

    def ahead(self, start: float, end: float, time: Time) -> tuple[Incident, ...]:
        """Give the incidents of a piece of road about a time."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A journey that was driven: distance and speed after every whole second; in between, speed changes evenly."""

    departure: Time
    arrival: Time
    length: float
    distances: "array[float]"
    speeds: "array[float]"

    def state(self, time: Time) -> tuple[float, float]:
        """Give distance (m) and speed (m/s) at a time; before the departure at A, after the arrival at B."""
        if time >= self.arrival:
            return self.length, 0.0
        second, part = divmod(max(0, time - self.departure), SECOND)
        seconds, speed, change = part / SECOND, self.speeds[second], self._acceleration(second)
        distance = self.distances[second] + speed * seconds + change * seconds * seconds / 2
        return min(distance, self.length), max(0.0, speed + change * seconds)

    def time_at(self, distance: float) -> Time:
        """Give the time at which a place on the way is passed."""
        second = bisect_right(self.distances, distance) - 1
        metres, speed = distance - self.distances[second], self.speeds[second]
        then = speed + sqrt(max(0.0, speed * speed + 2 * self._acceleration(second) * metres))
        return self.departure + second * SECOND + int(2 * metres / then * SECOND if then else 0)

    def _acceleration(self, second: int) -> float:
        """Give the change of speed from a whole second on, m/s²; the last second may be a part of one."""
        if second + 1 < len(self.speeds):
            return self.speeds[second + 1] - self.speeds[second]
        rest = (self.arrival - self.departure - second * SECOND) / SECOND
        return -self.speeds[second] / rest if rest > 0 else 0.0


def drive(length: float, bends: Bends, around: Surroundings, pace: float, departure: Time) -> Journey:
    """Drive a road of some length to its end, where the vehicle stops."""
    distances, speeds = array("d", [0.0]), array("d", [0.0])
    distance = speed = cruise = 0.0
    incidents: tuple[Incident, ...] = ()
    allowed, time = bends.allowed, departure
    while 2 * (length - distance) > speed:  # else it stops within this second
        if (len(speeds) - 1) % _LOOK_EVERY == 0:
            cruise = LIMIT * pace * around.ease(distance, time)
            incidents = around.ahead(distance - JAM_BEFORE, distance + _LOOK_AHEAD, time)
        wanted = min(cruise, allowed[int((distance + speed) / CELL)], stopping_within(speed, length - distance))
        for incident in incidents:
            wanted = min(wanted, incident.allowed(distance + speed, time))
        before, speed = speed, min(max(wanted, speed - HARDEST_BRAKING), speed + ACCELERATION)
        distance += (before + speed) / 2
        time += SECOND
        distances.append(distance)
        speeds.append(speed)
    rest = 2 * (length - distance) / speed if speed else 0.0
    return Journey(departure, time + int(rest * SECOND), length, distances, speeds)
