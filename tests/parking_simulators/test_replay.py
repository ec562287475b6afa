from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking_simulators.recording import Recorded
from parking_simulators.replay import replay, shift_to_now
from parking_simulators.times import SECOND, Time
from tests.support.cameras import START, FakeClock

speeds = st.sampled_from([0.5, 1.0, 3.0, 10.0, inf])
recordings = st.lists(st.integers(0, 2_000), min_size=1, max_size=20).map(
    lambda seconds: [Recorded(second, "51A-123.45", b"") for second in seconds]
)


def sent_at(events: list[Recorded], speed: float, stop_after: int = 10_000) -> list[Time]:
    """Seconds after the start at which each event is sent."""
    clock, sent = FakeClock(stop_at=START + stop_after * SECOND), []
    replay(events, speed, clock, lambda _plate, _value: sent.append(clock.now() - START), lambda: None)
    return sent


@pytest.mark.parametrize(
    ("speed", "seconds"), [(0.5, [0, 20, 60]), (1.0, [0, 10, 30]), (10.0, [0, 1, 3]), (inf, [0, 0, 0])]
)
def test_events_are_sent_at_their_speed(speed: float, seconds: list[int]) -> None:
    events = [Recorded(second, "", b"") for second in (100, 110, 130)]
    assert [round(at / SECOND, 1) for at in sent_at(events, speed)] == seconds


def test_an_older_event_follows_at_once() -> None:
    events = [Recorded(second, "", b"") for second in (100, 110, 90, 120)]
    assert [round(at / SECOND) for at in sent_at(events, 1.0)] == [0, 10, 10, 20]


def test_a_program_that_should_end_sends_no_more() -> None:
    events = [Recorded(second, "", b"") for second in (0, 10, 20, 30)]
    assert len(sent_at(events, 1.0, stop_after=15)) == 2


@given(recordings, speeds)
def test_shifted_events_are_not_ahead_and_as_late_as_they_can_be(events: list[Recorded], speed: float) -> None:
    shift = shift_to_now(events, speed, START)
    ahead = [
        event.seconds + shift - (START + at) / SECOND for event, at in zip(events, sent_at(events, speed), strict=True)
    ]
    assert max(ahead) <= 0.001
    if events == sorted(events):
        assert max(ahead) > -1.1


def test_an_empty_file_is_nothing_to_send() -> None:
    assert shift_to_now([], 1.0, START) == START // SECOND
    assert sent_at([], 1.0) == []
