from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from parking.event import StatusCode
from parking_simulators.arrivals import Visit
from parking_simulators.report import sightings
from parking_simulators.times import SECOND
from tests.support.cameras import START

intervals = st.integers(1_000, 600 * SECOND)
visits = st.builds(
    lambda arrival, stay: Visit(3, 7, "51A-123.45", arrival, arrival + stay),
    st.integers(START, START + 10**9),
    st.integers(1_000, 100 * SECOND),
)


@given(visits, intervals.filter(lambda interval: interval > SECOND // 10))
def test_a_car_comes_parks_moves_and_leaves(visit: Visit, interval: int) -> None:
    reports = list(sightings(visit, interval, visit.arrival))
    statuses = [report.status for report in reports]
    assert statuses == ["ENTERING", *["PARKED"] * (len(reports) - 3), "MOVING", "EXITING"]
    assert (reports[0].time, reports[-1].time) == (visit.arrival, visit.departure)
    assert [report.nth for report in reports] == list(range(len(reports)))
    assert all(0 <= report.confidence <= 1 for report in reports)


@given(visits, intervals.filter(lambda interval: interval > SECOND // 10))
def test_it_is_seen_again_within_the_interval(visit: Visit, interval: int) -> None:
    times = [report.time for report in sightings(visit, interval, visit.arrival)]
    assert all(0 < later - earlier <= interval for earlier, later in pairwise(times))


@given(visits, intervals.filter(lambda interval: interval > SECOND // 10), st.integers(-SECOND, 100 * SECOND))
def test_looking_later_gives_the_rest_of_the_same_reports(visit: Visit, interval: int, later: int) -> None:
    since = min(visit.arrival + later, visit.departure)
    all_reports = sightings(visit, interval, visit.arrival)
    assert list(sightings(visit, interval, since)) == [report for report in all_reports if report.time >= since]


def test_moving_is_seen_shortly_before_the_end() -> None:
    visit = Visit(0, 0, "51A-123.45", START, START + 60 * SECOND)
    moving = next(r for r in sightings(visit, 10 * SECOND, START) if r.status is StatusCode.MOVING)
    assert visit.departure - moving.time == 2 * SECOND
