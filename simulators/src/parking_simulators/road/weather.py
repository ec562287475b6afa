"""The weather: a smooth function of seed, place and time.

Numbers are drawn for the corners of a grid in space and time and blended in between. A coarse grid makes the weather
of a region, a fine one its local colour. One number, how wet the air is, decides condition, precipitation and
humidity together, so that these always agree.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import floor, pi, sin

from parking_simulators.draws import draws
from parking_simulators.road.route import Point
from parking_simulators.times import SECOND, Time

_HOUR = 3_600 * SECOND
_LOCAL_CELL, _REGIONAL_CELL = 0.018, 0.18  # degrees: about 2 and 20 km
_LOCAL_HOURS, _REGIONAL_HOURS = 1, 3
_LOCAL_SHARE = 0.12
_CLOUDY, _FOGGY, _RAINY, _STORMY = 0.48, 0.56, 0.61, 0.73  # wetness from which on
_CALM = 3.0  # m/s: with more wind there is no fog

Draws = tuple[float, float, float, float]
EASE = {"Clear": 1.0, "Cloudy": 1.0, "Rain": 0.85, "Fog": 0.7, "Storm": 0.65}
"""Part of the speed limit that is driven in each condition."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """The weather at a place and time."""

    condition: str
    temperature: float
    """°C"""
    precipitation: float
    """mm/h"""
    wind_speed: float
    """m/s"""
    humidity: float
    """Percent."""
    air_quality_index: float


class Sky:
    """The weather everywhere, under one seed."""

    def __init__(self, seed: int) -> None:
        self._corner: Callable[[bytes, int, int, int], Draws] = lru_cache(8_192)(
            lambda grid, x, y, hour: draws(seed, grid, x, y, hour)
        )

    def at(self, place: Point, time: Time) -> Conditions:
        """Give the weather at a place and time."""
        regional = self._blended(b"region", place, _REGIONAL_CELL, time, _REGIONAL_HOURS)
        local = self._blended(b"weather", place, _LOCAL_CELL, time, _LOCAL_HOURS)
        wet, warm, wind, dust = (
            (1 - _LOCAL_SHARE) * wide + _LOCAL_SHARE * near for wide, near in zip(regional, local, strict=True)
        )
        rain = _precipitation(wet)
        gusts = 2.5 + 9 * (wind - 0.3) + 60 * max(0.0, wet - _RAINY)
        wind_speed = max(0.2, gusts)
        return Conditions(
            _condition(wet, wind_speed),
            _climate(place, time) + 8 * (warm - 0.5) - 12 * max(0.0, wet - _CLOUDY),
            rain,
            wind_speed,
            min(100.0, 32 + 100 * wet),
            max(5.0, 20 + 180 * dust - 3 * rain),
        )

    def _blended(self, grid: bytes, place: Point, cell: float, time: Time, hours: int) -> list[float]:
        """Blend what was drawn for the eight corners around a place and time."""
        axes = [(place[0] / cell), (place[1] / cell), time / (hours * _HOUR)]
        half = round(180 / cell)  # cells from Greenwich to the line of the date, where east and west meet
        sums = [0.0, 0.0, 0.0, 0.0]
        for weight, (x, y, hour) in _corners(axes):
            for which, drawn in enumerate(self._corner(grid, x, (y + half) % (2 * half) - half, hour)):
                sums[which] += weight * drawn
        return sums


def _corners(axes: list[float]) -> Iterator[tuple[float, tuple[int, int, int]]]:
    floors = [floor(value) for value in axes]
    parts = [value - low for value, low in zip(axes, floors, strict=True)]
    (x, y, z), (right, up, later) = floors, (part * part * (3 - 2 * part) for part in parts)
    for a, b, c in product((0, 1), repeat=3):
        weight = (right if a else 1 - right) * (up if b else 1 - up) * (later if c else 1 - later)
        yield weight, (x + a, y + b, z + c)


def _condition(wet: float, wind_speed: float) -> str:
    if wet >= _STORMY:
        return "Storm"
    if wet >= _RAINY:
        return "Rain"
    if wet >= _FOGGY and wind_speed < _CALM:
        return "Fog"
    return "Cloudy" if wet >= _CLOUDY else "Clear"


def _precipitation(wet: float) -> float:
    """Give mm/h: some tenths where rain begins, 8 where a storm does."""
    return 0.0 if wet < _RAINY else 0.2 + 7.8 * (wet - _RAINY) / (_STORMY - _RAINY)


def _climate(place: Point, time: Time) -> float:
    """Give the usual temperature of a latitude and hour of the day by the sun."""
    lat, lon = place
    hour_by_the_sun = time / _HOUR + lon / 15
    return 31 - 0.0075 * lat * lat + 4 * sin((hour_by_the_sun - 9) * pi / 12)
