"""How fast a road may be driven on a fine day: its speed limit, and slower where it bends."""

from array import array
from math import ceil, cos, radians, sqrt

from parking_simulators.road.route import Route

LIMIT = 50 / 3.6
"""Speed limit, m/s."""
SLOWEST_BEND = 2.0
COMFORTABLE_BRAKING = 2.0
"""How drivers brake for what they see coming, m/s²."""
CELL = 5.0
_STRAIGHT = 2 * LIMIT  # no driver is as fast
_BEND = 12.0  # metres before and after its middle: at 1 s a step, no driver steps over a whole bend


class Bends:
    """The speed that the road ahead allows, for every place on a road."""

    def __init__(self, route: Route) -> None:
        cells = [_STRAIGHT] * (ceil(route.length / CELL) + ceil(2 * LIMIT / CELL) + 1)
        for distance, angle in route.turns:
            slow = max(SLOWEST_BEND, LIMIT * cos(radians(angle / 2)) ** 2)
            for cell in range(max(0, int((distance - _BEND) / CELL)), int((distance + _BEND) / CELL) + 1):
                cells[cell] = min(cells[cell], slow)
        for cell in range(len(cells) - 2, -1, -1):
            cells[cell] = min(cells[cell], braking_to(cells[cell + 1], CELL))
        self.allowed = array("d", cells)
        """Speed by cell of CELL metres, m/s; goes on behind the road's end."""


def braking_to(speed: float, metres: float) -> float:
    """Give the speed from which comfortable braking leads to another speed within some metres."""
    return sqrt(speed * speed + 2 * COMFORTABLE_BRAKING * metres)


def stopping_within(speed: float, metres: float) -> float:
    """Give the speed, a second from now, from which one can still stop comfortably within ``metres`` from here.

    The second itself is driven at the mean of both speeds: next² = 2 · braking · (metres - (speed + next) / 2).
    """
    room = COMFORTABLE_BRAKING * (2 * metres - speed)
    return (sqrt(COMFORTABLE_BRAKING**2 + 4 * max(room, 0.0)) - COMFORTABLE_BRAKING) / 2
