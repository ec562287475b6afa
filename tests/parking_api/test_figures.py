import random

from hypothesis import given
from hypothesis import strategies as st

from parking.session import Session
from parking_api.figures import KEPT_MINUTES, MINUTE, Figures
from tests.support.live_gateway import ended, session

NOW = 1_795_341_600
"""A whole hour."""


def figures_of(*sessions: Session) -> Figures:
    made = Figures()
    for one in sessions:
        made.count(one)
    return made


def columns(figures: Figures, begin: int, end: int, step: int) -> list[tuple[object, ...]]:
    steps = figures.steps(begin, end, step)
    return [(step.entries, step.exits, step.revenue, step.median_stay, step.occupied) for step in steps]


def test_each_minute_tells_what_happened_in_it():
    parked, left = session("P", "A1", start=NOW + 30), ended(session("L", "A2", start=NOW), after=90)
    figures = figures_of(parked, left)
    assert columns(figures, NOW, NOW + 180, 60) == [(2, 0, 0, None, 2), (0, 1, 10_000, 90, 1), (0, 0, 0, None, 1)]


def test_a_longer_step_adds_minutes_up_and_takes_the_median_of_all_stays():
    stays = [ended(session(f"S{n}", "A1", start=NOW), after=60 * n) for n in (1, 2, 5, 30)]
    assert columns(figures_of(*stays), NOW, NOW + 3_600, 3_600) == [(4, 4, 60_000, 120, 0)]


def test_who_came_before_the_first_step_is_counted_as_there():
    figures = figures_of(session(start=NOW - 7_200))
    assert columns(figures, NOW, NOW + 60, 60) == [(0, 0, 0, None, 1)]


def test_the_last_step_may_be_a_shorter_one():
    figures = figures_of(session(start=NOW + 60), session("B", start=NOW + 150))
    assert columns(figures, NOW, NOW + 180, 120) == [(1, 0, 0, None, 1), (1, 0, 0, None, 2)]


def test_what_is_older_than_a_week_counts_together():
    long_gone, there = ended(session("G", start=NOW)), session("T", "A2", start=NOW)
    figures = figures_of(long_gone, there)
    later = NOW + (KEPT_MINUTES + 61) * MINUTE
    figures.count(session("N", "A3", start=later))
    assert columns(figures, NOW, NOW + 60, 60) == [(0, 0, 0, None, 1)]
    assert columns(figures, later, later + 60, 60) == [(1, 0, 0, None, 2)]
    figures.discount(there)
    figures.count(ended(there, after=later - NOW))
    assert columns(figures, later, later + 60, 60)[0][::4] == (1, 1)


stays = st.builds(
    lambda plate, start, stay, status: (
        ended(session(f"P{plate}", start=NOW + start), after=stay, status=status)
        if status != "ACTIVE"
        else session(f"P{plate}", start=NOW + start)
    ),
    st.integers(0, 99),
    st.integers(0, 3_000),
    st.integers(0, 3_000),
    st.sampled_from(["ACTIVE", "CLOSED", "TIMEOUT"]),
)


@given(st.lists(stays), st.lists(stays), st.sampled_from([60, 300, 3_600]), st.randoms(use_true_random=False))
def test_counting_and_taking_back_in_any_order_leaves_the_sum(kept, taken, step, rnd: random.Random):
    calls = [(True, one) for one in kept + taken]
    rnd.shuffle(calls)
    figures = Figures()
    for one in taken:
        figures.count(one)
    for _, one in calls:
        figures.count(one)
    for one in taken + taken:
        figures.discount(one)
    assert columns(figures, NOW, NOW + 7_200, step) == columns(figures_of(*kept), NOW, NOW + 7_200, step)
    occupied = [row[-1] for row in columns(figures, NOW, NOW + 7_200, step)]
    assert occupied[-1:] == [sum(one.status == "ACTIVE" for one in kept)]
