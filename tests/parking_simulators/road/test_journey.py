from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parking_simulators.road.bends import LIMIT, Bends
from parking_simulators.road.incidents import Incident
from parking_simulators.road.journey import HARDEST_BRAKING, Journey, drive
from parking_simulators.road.route import Route, distance_between, moved
from parking_simulators.times import SECOND, Time
from tests.parking_simulators.road.support import LONG, SHORT, road
from tests.support.cameras import START

few = settings(max_examples=25)
paces = st.floats(0.8, 1.1)
departures = st.integers(START, START + 10**13)
legs = st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=1, max_size=5)


class Fine:
    """A fine day with at most one incident."""

    def __init__(self, ease: float = 1.0, *incidents: Incident) -> None:
        self._ease, self._incidents = ease, incidents

    def ease(self, distance: float, time: Time) -> float:
        return self._ease

    def ahead(self, start: float, end: float, time: Time) -> tuple[Incident, ...]:
        return self._incidents


def driven(way: Route, around: Fine | None = None, pace: float = 1.0) -> Journey:
    return drive(way.length, Bends(way), around or Fine(), pace, START)


def assert_plausible(journey: Journey) -> None:
    assert journey.state(journey.departure) == (0, 0)
    assert journey.state(journey.arrival) == (journey.length, 0)
    for second in range(len(journey.speeds)):
        time = journey.departure + second * SECOND
        (place, speed), (then, later) = journey.state(time), journey.state(min(time + SECOND, journey.arrival))
        assert -0.01 <= then - place <= 1.1 * LIMIT + 0.1
        assert later - speed <= 2.5
        lasts = min(SECOND, journey.arrival - time) / SECOND
        assert lasts < 0.01 or speed - later <= HARDEST_BRAKING * lasts + 0.01


@few
@given(departures, paces)
def test_speed_and_place_agree_at_every_moment(departure: Time, pace: float) -> None:
    journey = road().drive(pace, departure)
    assert_plausible(journey)
    for begin in range(journey.departure, journey.arrival, 37 * SECOND + 123_456):
        (place, speed), (then, later) = journey.state(begin), journey.state(min(begin + SECOND // 4, journey.arrival))
        seconds = min(SECOND // 4, journey.arrival - begin) / SECOND
        assert then - place == pytest.approx(seconds * (speed + later) / 2, rel=0.02, abs=0.15)


@few
@given(legs, paces)
def test_any_road_is_driven_to_its_end(steps: list[tuple[float, float]], pace: float) -> None:
    way = [LONG[0]]
    for north, east in steps:
        way.append(moved(way[-1], north, east))
    assume(any(distance_between(one, other) > 20 for one, other in pairwise(way)))
    assert_plausible(driven(Route(way), pace=pace))


@few
@given(departures, paces, st.floats(0, 1))
def test_the_time_at_a_place_is_when_it_is_passed(departure: Time, pace: float, part: float) -> None:
    journey = road().drive(pace, departure)
    time = journey.time_at(part * journey.length)
    assert journey.departure <= time <= journey.arrival
    assert journey.state(time)[0] == pytest.approx(part * journey.length, abs=0.05)


def test_bends_are_taken_slowly() -> None:
    way = Route(SHORT)
    journey = driven(way)
    speeds = [journey.state(journey.time_at(distance))[1] for distance, _ in way.turns]
    assert [round(angle, -1) for _, angle in way.turns] == [90, 80]
    assert all(speed < 0.65 * LIMIT for speed in speeds)
    assert max(journey.speeds) > 0.95 * LIMIT


def test_bad_weather_slows_everybody_down() -> None:
    way = Route(LONG)
    assert max(driven(way, Fine(0.65)).speeds) == pytest.approx(0.65 * LIMIT)
    assert driven(way, Fine(0.65)).arrival > driven(way).arrival + 100 * SECOND


def test_an_incident_slows_traffic_to_a_crawl_while_it_goes_on() -> None:
    way, free = Route(LONG), driven(Route(LONG))
    accident = Incident(2, 0, "Accident", 2_500.0, START, START + 3_600 * SECOND)
    slowed = driven(way, Fine(1.0, accident))
    assert_plausible(slowed)
    assert slowed.state(slowed.time_at(2_500))[1] < 4
    assert free.state(free.time_at(2_500))[1] > 10
    assert slowed.arrival > free.arrival + 25 * SECOND
    over = Incident(2, 0, "Accident", 2_500.0, START - 3_600 * SECOND, START)
    assert driven(way, Fine(1.0, over)) == free


def test_an_incident_that_begins_beside_a_driver_is_braked_for() -> None:
    way, free = Route(LONG), driven(Route(LONG))
    begin = free.time_at(2_450)
    surprised = driven(way, Fine(1.0, Incident(2, 0, "Fire", 2_500.0, begin, begin + 3_600 * SECOND)))
    assert_plausible(surprised)
    assert surprised.state(begin + 4 * SECOND)[1] < 4


def test_real_incidents_make_journeys_longer() -> None:
    free, real = road(likelihood=0.0), road()
    departures = range(START, START + 24 * 3_600 * SECOND, 900 * SECOND)
    delays = [real.drive(1.0, d).arrival - free.drive(1.0, d).arrival for d in departures]
    assert min(delays) >= 0
    assert sum(delay > 20 * SECOND for delay in delays) > 10
