import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.session import Session, SessionStatus
from parking_api import history as module
from parking_api.history import History, Place, Query, plate_pattern
from tests.support.live_gateway import ended, session

NOW = 1_795_341_600


def stay(plate: str, bay: str = "A1", *, end: int = NOW, status: str = "CLOSED") -> Session:
    return ended(session(plate, bay, start=end - 700), status=status)


def history_of(*sessions: Session, size: int = 1_000) -> History:
    made = History(size)
    for one in sessions:
        made.add(one)
    return made


def all_pages(history: History, query: Query, limit: int) -> list[list[Session]]:
    pages, place = [], None
    while True:
        page, place = history.page(query, place, limit)
        pages.append(page)
        if place is None:
            return pages
        place = Place.parse(str(place))


stays = st.lists(
    st.builds(
        stay,
        st.from_regex(r"[0-9A-C]{2}-[0-9]{3}", fullmatch=True),
        st.sampled_from(["A1", "A2", "B1"]),
        end=st.integers(NOW, NOW + 9),
        status=st.sampled_from(["CLOSED", "TIMEOUT"]),
    ),
    unique_by=lambda one: one.session_id,
    max_size=30,
)
queries = st.builds(
    Query,
    plate=st.sampled_from(["", "1", "A"]),
    location=st.sampled_from([None, "A1", "Z9"]),
    status=st.sampled_from([None, *list(SessionStatus)[1:]]),
    begin=st.integers(NOW - 1, NOW + 9),
    end=st.integers(NOW, NOW + 11),
)


@given(stays, queries, st.integers(1, 7), st.randoms(use_true_random=False))
def test_the_pages_hold_what_is_asked_for_once_and_newest_first(made, query, limit, rnd: random.Random):
    rnd.shuffle(made)
    pages = all_pages(history_of(*made), query, limit)
    wanted = [one for one in made if query.begin <= one.end_time < query.end and query.matches(one)]
    assert [one for page in pages for one in page] == sorted(wanted, key=Place.of, reverse=True)
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1] or len(pages) == 1


@given(stays, stays)
def test_sessions_that_end_meanwhile_move_no_page(made, later):
    known = {one.session_id for one in made}
    history = history_of(*made)
    first, place = history.page(Query(), None, 5)
    for one in later:
        if one.session_id not in known:
            history.add(one.model_copy(update={"end_time": one.end_time + 1_000}))
    rest = all_pages_after(history, place)
    assert first + rest == sorted(made, key=Place.of, reverse=True)


def all_pages_after(history: History, place: Place | None) -> list[Session]:
    found: list[Session] = []
    while place:
        page, place = history.page(Query(), place, 5)
        found += page
    return found


def test_a_page_that_looked_through_much_may_be_short_and_goes_on(monkeypatch):
    monkeypatch.setattr(module, "LOOKED_THROUGH", 4)
    made = [stay("RARE-1" if n in {0, 7} else f"51A-{n}", end=NOW + n) for n in range(10)]
    pages = all_pages(history_of(*made), Query(plate="RARE1"), 5)
    assert [[one.end_time - NOW for one in page] for page in pages] == [[7], [], [0]]


@pytest.mark.parametrize("asked", ["51a", "1A-123", "a12345", "51A 123 45", "51a.123-45"])
def test_a_plate_is_found_however_it_is_written(asked):
    assert Query(plate=plate_pattern(asked)).matches(stay("51A-123.45"))


def test_another_plate_is_not():
    assert not Query(plate=plate_pattern("51B")).matches(stay("51A-123.45"))


def test_the_last_session_of_a_bay_outlives_the_history():
    history = history_of(stay("OLD", "A1"), stay("NEW-1", "A2", end=NOW + 1), stay("NEW-2", "A2", end=NOW + 2), size=2)
    last = history.last_at("A1")
    assert last
    assert last.license_plate == "OLD"
    assert history.get(last.session_id) is None
    assert history.page(Query(location="A1"), None, 5) == ([], None)


def test_a_session_taken_out_leaves_the_one_before_as_the_last_of_its_bay():
    first, second = stay("ONE"), stay("TWO", end=NOW + 1)
    history = history_of(first, second)
    assert history.discard(second.session_id) == second
    assert (history.last_at("A1"), history.total) == (first, 1)
    assert history.discard(first.session_id) == first
    assert history.last_at("A1") is None
    assert history.discard("never there") is None
    assert history.total == 0


@pytest.mark.parametrize("text", ["", "x-1", "-abc"])
def test_a_cursor_that_is_none_is_refused(text):
    with pytest.raises(ValueError):
        Place.parse(text)
