"""The road from A to the lot: a line of points on the globe, measured in metres from A."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

EARTH_RADIUS = 6_371_008.8  # metres, mean
_METRES_PER_DEGREE = radians(1) * EARTH_RADIUS
Point = tuple[float, float]
"""Latitude and longitude, degrees."""


def distance_between(one: Point, other: Point) -> float:
    """Give the great-circle distance in metres."""
    south, north = radians(one[0]), radians(other[0])
    half_up, half_across = (north - south) / 2, radians(other[1] - one[1]) / 2
    return 2 * EARTH_RADIUS * asin(min(1.0, hypot(sin(half_up), sqrt(cos(south) * cos(north)) * sin(half_across))))


def bearing_between(one: Point, other: Point) -> float:
    """Give the direction from one point to another, degrees clockwise from north: that in the middle of the way."""
    up, across = other[0] - one[0], _turned(other[1] - one[1])
    return degrees(atan2(across * cos(radians((one[0] + other[0]) / 2)), up)) % 360.0 % 360.0


def moved(point: Point, north: float, east: float) -> Point:
    """Give the point some metres away; for distances that are small beside the earth, away from its poles."""
    lat, lon = point
    return lat + north / _METRES_PER_DEGREE, _turned(lon + east / (_METRES_PER_DEGREE * cos(radians(lat))))


def _turned(lon: float) -> float:
    """Bring degrees into [-180, 180): a road may cross the line of the date."""
    return (lon + 180) % 360 - 180


class Route:
    """A road through two or more different points; distances along it are metres from the first."""

    def __init__(self, points: Sequence[Point]) -> None:
        apart = [(one, other) for one, other in pairwise(points) if distance_between(one, other) > 0]
        self.points: tuple[Point, ...] = (points[0], *(other for _, other in apart))
        self._starts = [0.0, *accumulate(distance_between(one, other) for one, other in apart)]
        self._bearings = [bearing_between(one, other) for one, other in apart]
        self.length = self._starts[-1]

    def position(self, distance: float) -> Point:
        """Give the point at a distance, the ends for distances beyond them."""
        leg = self._leg(distance)
        (lat, lon), (next_lat, next_lon) = self.points[leg], self.points[leg + 1]
        start, end = self._starts[leg], self._starts[leg + 1]
        part = min(max((distance - start) / (end - start), 0.0), 1.0)
        return lat + part * (next_lat - lat), _turned(lon + part * _turned(next_lon - lon))

    def bearing(self, distance: float) -> float:
        """Give the road's direction at a distance, degrees clockwise from north."""
        return self._bearings[self._leg(distance)]

    @cached_property
    def turns(self) -> tuple[tuple[float, float], ...]:
        """Every bend: its distance, and by how many degrees (0 to 180) the road turns there."""
        angles = (abs((after - before + 180) % 360 - 180) for before, after in pairwise(self._bearings))
        return tuple(zip(self._starts[1:-1], angles, strict=True))

    def _leg(self, distance: float) -> int:
        return min(max(bisect_right(self._starts, distance) - 1, 0), len(self._bearings) - 1)


def evenly(length: float, about: float) -> tuple[int, float]:
    """Cut a length into parts of equal length near ``about``: their number, and the length of each."""
    count = max(1, round(length / about))
    return count, length / count
