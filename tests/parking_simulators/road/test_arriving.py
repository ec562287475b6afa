from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parking_simulators.arrivals import Visit
from parking_simulators.road.arriving import Arriving
from parking_simulators.road.fleet import Fleet
from parking_simulators.times import SECOND, Time
from tests.parking_simulators.road.support import SHORT, road, road_document, simulation
from tests.support.cameras import START

HOUR = 3_600 * SECOND


def stays(arriving: Arriving, fleet: Fleet, begin: Time = START, lasts: Time = HOUR) -> list[Visit]:
    numbers = range(fleet.slot_at(begin - fleet.slowest), fleet.slot_at(begin + lasts))
    return [visit for n in numbers if (visit := arriving.visit(n)) is not None]


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**53),
    bays=st.integers(1, 5),
    vehicles=st.sampled_from([1, 5, 40]),
    mean_stay=st.sampled_from(["3s", "30s", "10m"]),
    begin=st.integers(START, START + 1_000 * HOUR),
)
def test_two_cars_never_meet_in_a_bay(seed: int, bays: int, vehicles: int, mean_stay: str, begin: Time) -> None:
    document = road_document(bays, seed=seed, vehicles=vehicles, mean_stay=mean_stay)
    fleet = Fleet(seed, road(route=SHORT), vehicles)
    arriving, by_bay = Arriving(document, fleet), defaultdict(list)
    for visit in stays(arriving, fleet, begin, HOUR // 6):
        by_bay[visit.bay].append(visit)
        assert visit.arrival == fleet.arrival(visit.slot)
        assert visit.departure - visit.arrival >= arriving.shortest_stay == 6 * SECOND
        assert 0 <= visit.bay < bays
    for visits in by_bay.values():
        ordered = sorted(visits, key=lambda visit: visit.arrival)
        assert all(one.departure < other.arrival for one, other in pairwise(ordered))


def test_stays_are_as_long_as_asked_for_and_all_bays_are_used() -> None:
    for vehicles in (6, 60):
        here = simulation(vehicles=vehicles)
        visits = stays(here.arriving, here.fleet)
        lengths = [visit.departure - visit.arrival for visit in visits]
        assert {visit.bay for visit in visits} == {0, 1, 2, 3}
        assert 24 * SECOND < sum(lengths) / len(lengths) < 31 * SECOND
        assert max(lengths) <= 42 * SECOND


def test_where_more_come_than_fit_some_drive_on() -> None:
    here = simulation(vehicles=60)
    arrived = here.fleet.slot_at(START + HOUR) - here.fleet.slot_at(START)
    assert 0.05 < len(stays(here.arriving, here.fleet)) / arrived < 0.5


def test_without_bays_everybody_drives_on() -> None:
    here = simulation(bays=0)
    assert not stays(here.arriving, here.fleet)
    assert not list(here.arriving.may_be_there(START))


@pytest.mark.parametrize("mean_stay", ["30s", "2h"])
def test_whoever_stands_in_a_bay_is_found(mean_stay: str) -> None:
    here = simulation(mean_stay=mean_stay)
    end = START + HOUR
    there = {v.slot for v in stays(here.arriving, here.fleet, START - 3 * HOUR, 4 * HOUR) if v.departure >= end}
    recent = set(range(here.fleet.slot_at(end - here.fleet.slowest), here.fleet.slot_at(end)))
    assert there <= recent | set(here.arriving.may_be_there(end))
    assert mean_stay == "30s" or there - recent
