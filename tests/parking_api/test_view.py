import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.session import Session
from parking_api.history import REMEMBERED
from parking_api.view import LotView, Outcome
from tests.support.live_gateway import BAYS, LOT, ended, session

NOW = 1_795_341_600


def make_view(*updates: Session, history: int = 100) -> LotView:
    view = LotView(lot=LOT, bays=BAYS, history=history)
    for update in updates:
        view.upsert(update)
    return view


def table(view: LotView) -> tuple[object, ...]:
    """All that can be seen of a view."""
    return (
        view.open_sessions(),
        view.history.newest(10_000),
        view.free_bays(),
        view.busy_bays(),
        [view.at_bay(bay) for bay in BAYS],
        view.last_ended(),
        figures(view),
        (view.busy_count, view.open_count, view.closed_total),
    )


def figures(view: LotView) -> list[tuple[object, ...]]:
    steps = view.figures.steps(NOW - 60, NOW + 120, 60)
    return [(step.entries, step.exits, step.revenue, sorted(step.stays), step.occupied) for step in steps]


@st.composite
def updates(draw: st.DrawFn, *, reopening: bool = True) -> list[Session]:
    """Updates of some sessions, several versions of each; with ``reopening`` their status goes to and fro."""
    made = []
    for number in range(draw(st.integers(1, 12))):
        location = draw(st.sampled_from([*BAYS, "GONE"]))
        versions = sorted(draw(st.sets(st.integers(2, 9), min_size=1, max_size=4)))
        for version in versions:
            may_end = reopening or version == versions[-1]
            status = draw(st.sampled_from(["ACTIVE", "CLOSED", "TIMEOUT"])) if may_end else "ACTIVE"
            end = NOW + draw(st.integers(0, 5))
            changes = {"version": version, "status": status, "end_time": end, "last_arrival": end}
            made.append(session(f"PLATE-{number}", location, start=NOW, **changes))
    return made


@given(updates(), st.randoms(use_true_random=False))
def test_any_order_and_duplication_end_in_the_same_table(made: list[Session], rnd: random.Random):
    shuffled = made + rnd.choices(made, k=len(made))
    rnd.shuffle(shuffled)
    assert table(make_view(*shuffled)) == table(make_view(*made))


@given(updates(reopening=False), st.randoms(use_true_random=False))
def test_a_small_history_holds_the_newest_whatever_the_order(made: list[Session], rnd: random.Random):
    shuffled = made + rnd.choices(made, k=len(made))
    rnd.shuffle(shuffled)
    small, whole = make_view(*shuffled, history=2), make_view(*made)
    assert small.history.newest(10) == whole.history.newest(2)
    assert small.closed_total == whole.closed_total
    assert small.last_ended() == whole.last_ended()
    assert figures(small) == figures(whole)


@given(updates())
def test_the_counters_are_what_the_lists_say(made: list[Session]):
    view = make_view(*made)
    newest = {}
    for update in sorted(made, key=lambda s: s.version):
        newest[update.session_id] = update
    active = [s for s in newest.values() if s.status == "ACTIVE"]
    assert sorted(s.session_id for s in view.open_sessions()) == sorted(s.session_id for s in active)
    assert view.closed_total == len(newest) - len(active)
    assert view.busy_count == len(view.busy_bays()) == len({s.location for s in active} & set(BAYS))
    assert sorted(view.free_bays() + view.busy_bays()) == sorted(BAYS)


def test_an_older_or_equal_version_is_stale():
    view = make_view()
    newer = session(version=4)
    assert view.upsert(newer) is Outcome.UPDATED
    assert view.upsert(newer) is Outcome.STALE
    assert view.upsert(session(start=newer.start_time, version=2)) is Outcome.STALE


def test_another_lots_sessions_stay_out():
    view = make_view()
    assert view.upsert(session(lot="elsewhere")) is Outcome.FOREIGN
    assert view.open_count == 0


def test_of_two_cars_on_a_bay_the_last_heard_of_is_shown_and_the_bay_counts_once():
    right, misread = session("51A-1", start=NOW, last_arrival=9), session("51A-7", start=NOW, last_arrival=8)
    view = make_view(right, misread)
    assert view.at_bay("A1") == right
    assert (view.busy_count, view.open_count) == (1, 2)
    view.upsert(ended(right))
    assert view.at_bay("A1") == misread
    assert view.busy_count == 1
    view.upsert(ended(misread))
    assert view.at_bay("A1") is None
    assert view.busy_count == 0


def test_a_session_of_a_bay_that_is_gone_is_listed_but_counts_no_bay():
    view = make_view(session(location="Z9"))
    assert [s.location for s in view.open_sessions()] == ["Z9"]
    assert (view.busy_count, view.open_count, view.has_bay("Z9")) == (0, 1, False)


def test_ended_sessions_come_newest_first_and_no_more_than_asked_for():
    stays = [ended(session(f"P{n}", start=NOW + n)) for n in range(5)]
    view = make_view(*stays)
    assert view.history.newest(3) == stays[:1:-1]


def test_a_session_that_left_the_history_is_still_counted_once():
    stays = [ended(session(f"P{n}", start=NOW + n)) for n in range(20)]
    view = make_view(*stays, history=4)
    assert [view.upsert(stay) for stay in stays] == [Outcome.STALE] * 20
    assert view.closed_total == 20
    assert len(view.history.newest(100)) == 4


def test_memory_of_ended_sessions_is_bounded():
    view = make_view(*(ended(session(f"P{n}", start=NOW + n)) for n in range(100)), history=3)
    assert view.closed_total == 100
    assert len(view.history._forgotten) == 3 * REMEMBERED


@pytest.mark.parametrize("history", [1, 100])
def test_a_newer_version_may_reopen_an_ended_session(history):
    opened = session()
    later = ended(session("P2", start=opened.start_time + 100))
    lost = ended(opened, status="TIMEOUT")
    view = make_view(lost, later, history=history)
    again = opened.model_copy(update={"version": lost.version + 1})
    assert view.upsert(again) is Outcome.UPDATED
    assert (view.open_sessions(), view.closed_total) == ([again], 1)
