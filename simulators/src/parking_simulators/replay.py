"""Plays a file of events to the raw topic: as fast as they happened, some times faster, or as fast as possible."""

from collections.abc import Callable, Iterable
from math import floor

from parking_simulators.clock import Clock, wait_until
from parking_simulators.recording import Recorded
from parking_simulators.times import SECOND, Time

Send = Callable[[str, bytes], None]


def replay(events: Iterable[Recorded], speed: float, clock: Clock, send: Send, serve: Callable[[], None]) -> int:
    """Send events in their order, each when it is due (at an infinite ``speed`` all are); gives how many were sent.

    The first event is due now. An event older than the one before it is sent right after that one.
    """
    sent, start, first = 0, clock.now(), 0
    for event in events:
        first = event.seconds if sent == 0 else first
        if not wait_until(start + int((event.seconds - first) / speed * SECOND), clock, serve):
            break
        send(event.plate, event.value)
        sent += 1
    return sent


def shift_to_now(events: Iterable[Recorded], speed: float, now: Time) -> int:
    """Find the seconds by which to move all events, so that none is ahead of the clock when it is sent.

    Durations stay what they were. So at speed 1 the first event happens now; at a higher speed it happened long
    ago and the last one happens when it is sent.
    """
    seconds = (event.seconds for event in events)
    first = next(seconds, 0)
    newest = max(seconds, default=first)
    return floor(now / SECOND + min(-first, (newest - first) / speed - newest))
