from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parking_simulators.road.route import Point, Route, bearing_between, distance_between, evenly, moved
from tests.parking_simulators.road.support import LONG

points = st.tuples(st.floats(-70, 70), st.floats(-180, 179.99))
steps = st.tuples(st.floats(-2_000, 2_000), st.floats(-2_000, 2_000))


@st.composite
def routes(draw: st.DrawFn) -> Route:
    way = [draw(points)]
    for north, east in draw(st.lists(steps, min_size=1, max_size=6)):
        way.append(moved(way[-1], north, east))
    assume(distance_between(way[0], way[1]) > 100)
    return Route(way)


def apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def test_distances_and_directions_of_known_places() -> None:
    assert distance_between((52.5200, 13.4050), (48.8566, 2.3522)) == pytest.approx(877_500, rel=1e-3)
    assert [bearing_between((10, 106), place) for place in ((11, 106), (10, 107), (9, 106), (10, 105))] == [
        pytest.approx(degrees) for degrees in (0, 90, 180, 270)
    ]
    assert Route(LONG).length == pytest.approx(7_315, abs=5)


@given(points, steps)
def test_a_point_some_metres_away_is_that_far_away(point: Point, step: tuple[float, float]) -> None:
    assert distance_between(point, moved(point, *step)) == pytest.approx(
        sum(s * s for s in step) ** 0.5, rel=5e-3, abs=0.01
    )


@given(routes(), st.floats(0, 1), st.floats(0.5, 20))
def test_moving_along_the_road_covers_the_distance_in_its_direction(route: Route, part: float, step: float) -> None:
    start = part * (route.length - step)
    one, other = route.position(start), route.position(start + step)
    assert distance_between(one, other) <= step * 1.005 + 0.01
    if not any(start - 0.1 <= distance <= start + step + 0.1 for distance, _ in route.turns):
        assert distance_between(one, other) == pytest.approx(step, rel=5e-3, abs=0.01)
        assert apart(bearing_between(one, other), route.bearing(start)) < 1


@given(routes())
def test_its_ends_are_its_ends(route: Route) -> None:
    assert distance_between(route.position(0), route.points[0]) < 0.01
    assert distance_between(route.position(route.length + 1), route.points[-1]) < 0.01
    assert all(0 <= route.bearing(part * route.length / 10) < 360 for part in range(11))
    assert len(route.turns) == len(route.points) - 2


def test_points_named_twice_are_one() -> None:
    assert Route([LONG[0], LONG[0], LONG[1], LONG[1]]).points == LONG[:2]


def test_a_road_may_cross_the_line_of_the_date() -> None:
    route = Route([(0.0, 179.99), (0.0, -179.99)])
    places = [route.position(route.length * tenth / 10) for tenth in range(11)]
    assert route.length == pytest.approx(2_224, abs=1)
    assert all(distance_between(one, other) < 223 for one, other in pairwise(places))


def test_lengths_are_cut_evenly() -> None:
    assert evenly(7_400, 1_000) == (7, pytest.approx(1_057.1, abs=0.1))
    assert evenly(300, 1_000) == (1, 300)
