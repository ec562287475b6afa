from collections import defaultdict
from itertools import islice, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parking.event import StatusCode
from parking_simulators.road.due import Due, Occasion, camera_places
from parking_simulators.road.simulation import Simulation
from parking_simulators.times import SECOND, Time
from tests.parking_simulators.road.support import road_document, simulation
from tests.support.cameras import START

SPAN = 120 * SECOND
few = settings(max_examples=15)


def span(since: Time = START, until: Time = START + SPAN, **fields: Any) -> list[Due]:
    return list(simulation(**fields).schedule.due(since, until))


@few
@given(st.integers(0, 2**53), st.sampled_from(["700ms", "2s", "1m"]))
def test_the_same_document_sends_the_same(seed: int, interval: str) -> None:
    document = road_document(seed=seed, report_interval=interval)
    one, other = (list(Simulation(document).schedule.due(START, START + SPAN // 4)) for _ in range(2))
    assert one == other
    assert one


@few
@given(st.lists(st.integers(START, START + SPAN), max_size=5), st.sampled_from(["3s", "30s", "1h"]))
def test_cutting_time_into_parts_changes_nothing(cuts: list[Time], mean_stay: str) -> None:
    borders = [START, *sorted(cuts), START + SPAN]
    parts = [span(since, until, mean_stay=mean_stay) for since, until in pairwise(borders)]
    assert [due for part in parts for due in part] == span(mean_stay=mean_stay)


def test_everything_is_in_order_of_time_and_has_an_identity() -> None:
    everything = span()
    assert everything == sorted(everything)
    assert all(START <= due.at < START + SPAN for due in everything)
    assert len({(due.number, due.occasion, due.nth) for due in everything}) == len(everything)
    assert {due.occasion for due in everything} == set(Occasion)


def test_a_vehicle_reports_at_its_interval_until_it_stops() -> None:
    here = simulation()
    number = here.fleet.slot_at(START)
    end = here.fleet.arrival(number)
    mine = [due for due in here.schedule.due(here.fleet.departure(number), end + 1) if due.number == number]
    reports = [due for due in mine if due.occasion is Occasion.REPORTING]
    assert {later.at - earlier.at for earlier, later in pairwise(reports)} == {2 * SECOND}
    assert reports[0].at - here.fleet.departure(number) < 2 * SECOND
    assert [due.nth for due in reports] == list(range(len(reports)))
    (arrival,) = (due for due in mine if due.occasion is Occasion.ARRIVING)
    assert (arrival.at, arrival.nth) == (end, len(reports))
    assert end - reports[-1].at <= 2 * SECOND


def test_every_camera_sees_every_vehicle_once() -> None:
    everything = span(until=START + 10 * SPAN)
    passed = defaultdict(list)
    for due in everything:
        if due.occasion is Occasion.PASSING:
            passed[due.number].append(due.nth)
    complete = [cameras for number, cameras in passed.items() if number > min(passed) + 20][:-20]
    assert complete
    assert all(cameras == list(range(len(camera_places(1_300)))) for cameras in complete)
    assert camera_places(7_000) == [500, 1_500, 2_500, 3_500, 4_500, 5_500, 6_500]


def test_who_arrives_is_seen_by_the_cameras_of_the_lot() -> None:
    seen = defaultdict(list)
    arrived: dict[int, Time] = {}
    for due in span(until=START + 5 * SPAN):
        if due.sighting is not None:
            seen[due.number].append(due)
        if due.occasion is Occasion.ARRIVING:
            arrived[due.number] = due.at
    stays = [stay for n, stay in seen.items() if n in arrived and stay[-1].sighting.status is StatusCode.EXITING]
    assert len(stays) > 20
    for stay in stays:
        assert stay[0].at == arrived[stay[0].number]
        statuses = [due.sighting.status for due in stay]
        assert statuses == ["ENTERING", *["PARKED"] * (len(stay) - 3), "MOVING", "EXITING"]
        assert all(0 < later.at - earlier.at <= 2 * SECOND for earlier, later in pairwise(stay))


def test_a_census_counts_who_is_where() -> None:
    here = simulation()
    for time in range(START, START + SPAN, SPAN // 10):
        around = range(here.fleet.slot_at(time) - 100, here.fleet.slot_at(time) + 1)
        visits = [visit for n in around if (visit := here.arriving.visit(n)) is not None]
        present = sum(visit.arrival <= time < visit.departure for visit in visits)
        assert here.schedule.census(time) == (len(here.fleet.on_the_way(time)), present)


def test_before_1970_there_were_vehicles_too() -> None:
    first = list(islice(simulation().schedule.due(-SPAN), 50))
    assert min(due.number for due in first) < 0
    assert first[0].at >= -SPAN
