from itertools import islice, pairwise, takewhile

from hypothesis import given
from hypothesis import strategies as st

from parking_simulators.arrivals import Arrivals
from parking_simulators.times import SECOND
from tests.support.cameras import START

lots = st.builds(
    Arrivals, seed=st.integers(0, 2**53), bays=st.integers(1, 100_000), mean_stay=st.integers(1_000, 10**12)
)
times = st.integers(0, 2 * START)


@given(lots, st.integers(0, 10_000), times)
def test_cars_of_a_bay_never_meet(lot: Arrivals, bay: int, since: int) -> None:
    visits = list(islice(lot.visits(bay, since), 10))
    assert all(visit.arrival < visit.departure for visit in visits)
    assert all(one.departure < other.arrival for one, other in pairwise(visits))
    assert visits[0].departure >= since


@given(lots, st.integers(0, 10_000), times, st.integers(0, 10_000))
def test_whoever_looks_later_sees_the_same_cars(lot: Arrivals, bay: int, since: int, permille: int) -> None:
    later = since + lot.slot_length * permille // 1_000
    end = later + 5 * lot.slot_length
    seen = [visit for visit in takewhile(lambda v: v.arrival < end, lot.visits(bay, since)) if visit.departure >= later]
    assert seen == list(takewhile(lambda v: v.arrival < end, lot.visits(bay, later)))


@given(lots, st.integers(0, 10_000), times)
def test_the_car_at_a_time_is_the_one_whose_visit_spans_it(lot: Arrivals, bay: int, time: int) -> None:
    first = next(lot.visits(bay, time + 1))
    assert lot.visit_at(bay, time) == (first if first.arrival <= time else None)
    assert lot.visit_at(bay, first.arrival) == first
    assert lot.visit_at(bay, first.departure) is None


def test_stays_and_occupancy_are_as_promised() -> None:
    lot, span = Arrivals(seed=42, bays=20, mean_stay=30 * SECOND), 6 * 3600 * SECOND
    visits = [
        visit
        for bay in range(lot.bays)
        for visit in takewhile(lambda v: v.departure < START + span, lot.visits(bay, START))
    ]
    stays = [visit.departure - visit.arrival for visit in visits]
    assert 29.5 * SECOND < sum(stays) / len(stays) < 30.5 * SECOND
    assert 0.60 < sum(stays) / (span * lot.bays) < 0.70
    assert max(stays) > 1.8 * min(stays)
    assert len({visit.plate for visit in visits}) == len(visits)
    slots_left_empty = lot.bays * span / lot.slot_length - len(visits)
    assert slots_left_empty > 0


def test_bays_differ_in_phase_and_seeds_in_everything() -> None:
    lot, other = Arrivals(1, 50, 30 * SECOND), Arrivals(2, 50, 30 * SECOND)
    first = [next(lot.visits(bay, START)) for bay in range(50)]
    assert len({visit.arrival % lot.slot_length for visit in first}) == 50
    assert not {v.plate for v in first} & {next(other.visits(bay, START)).plate for bay in range(50)}
