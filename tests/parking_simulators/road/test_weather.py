from collections import Counter
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from parking_simulators.road.route import Point, moved
from parking_simulators.road.weather import Sky
from parking_simulators.times import SECOND, Time
from tests.support.cameras import START

HOUR = 3_600 * SECOND
PLACE = (10.8, 106.66)
seeds, times = st.integers(0, 2**53), st.integers(0, 2 * START)
places = st.tuples(st.floats(-60, 60), st.floats(-180, 179.9))
near = st.tuples(st.floats(-50, 50), st.floats(-50, 50))


@given(seeds, places, times)
def test_the_same_question_has_the_same_answer(seed: int, place: Point, time: Time) -> None:
    assert Sky(seed).at(place, time) == Sky(seed).at(place, time)


@given(seeds, places, times, near, st.integers(0, 5 * SECOND))
@example(0, (0.0, -180.0), 0, (0.0, -1.0), 0)  # across the line of the date
def test_neighbours_have_nearly_the_same_weather(
    seed: int, place: Point, time: Time, step: tuple[float, float], later: int
) -> None:
    sky = Sky(seed)
    one, other = sky.at(place, time), sky.at(moved(place, *step), time + later)
    assert abs(one.temperature - other.temperature) < 0.3
    assert abs(one.humidity - other.humidity) < 2
    assert abs(one.wind_speed - other.wind_speed) < 1.2


def test_neighbours_rarely_disagree_about_the_condition() -> None:
    sky = Sky(42)
    pairs = [(sky.at(PLACE, START + n * HOUR), sky.at(moved(PLACE, 70, 70), START + n * HOUR)) for n in range(500)]
    assert sum(one.condition != other.condition for one, other in pairs) < 10


@given(seeds, places, times)
def test_condition_rain_and_humidity_agree(seed: int, place: Point, time: Time) -> None:
    now = Sky(seed).at(place, time)
    assert (now.precipitation > 0) == (now.condition in {"Rain", "Storm"})
    assert 0 <= now.humidity <= 100
    assert now.humidity >= {"Rain": 90, "Storm": 90, "Fog": 85}.get(now.condition, 0)
    assert now.condition != "Storm" or (now.precipitation >= 8 and now.wind_speed > 5)
    assert now.condition != "Fog" or now.wind_speed < 3
    assert -40 < now.temperature < 50
    assert 0 < now.wind_speed < 60
    assert 0 < now.air_quality_index < 300


def test_every_condition_comes_and_lasts() -> None:
    sky = Sky(42)
    conditions = [sky.at(PLACE, START + n * HOUR // 6).condition for n in range(6 * 24 * 30)]
    seen = Counter(conditions)
    assert set(seen) == {"Clear", "Cloudy", "Rain", "Storm", "Fog"}
    assert seen["Clear"] > seen["Rain"] > seen["Storm"]
    changes = sum(one != other for one, other in pairwise(conditions))
    assert changes < len(conditions) / 8


def test_days_are_warmer_than_nights() -> None:
    sky = Sky(42)
    noon, night = 6 * HOUR, 19 * HOUR  # UTC; the sun is seven hours ahead
    warmer = [sky.at(PLACE, START + day * 24 * HOUR + noon).temperature for day in range(60)]
    cooler = [sky.at(PLACE, START + day * 24 * HOUR + night).temperature for day in range(60)]
    assert sum(warmer) / 60 - sum(cooler) / 60 > 4
