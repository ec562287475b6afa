"""The wall clock, and waiting on it until it is time or the program should end."""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Protocol

from parking_simulators.times import SECOND, Time

_SHORTEST_NAP = 0.02
_LONGEST_NAP = 0.2


class Clock(Protocol):
    """Tells the time, sleeps, and knows when the program should end."""

    def now(self) -> Time:
        """Give the time."""

    def sleep(self, seconds: float) -> None:
        """Wait a while, or until the program should end."""

    def stopped(self) -> bool:
        """Whether the program should end."""


class WallClock:
    """The machine's clock; SIGTERM and SIGINT ask the program to end."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)

    def now(self) -> Time:
        """Give the time."""
        return time.time_ns() // 1_000

    def sleep(self, seconds: float) -> None:
        """Wait a while, or until the program should end."""
        self._stop.wait(seconds)

    def stopped(self) -> bool:
        """Whether the program should end."""
        return self._stop.is_set()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()


def wait_until(due: Time, clock: Clock, meanwhile: Callable[[], None]) -> bool:
    """Wait until it is time, calling ``meanwhile`` between naps; False when the program should end.

    A nap is at least 20 ms, so that a thousand reports a second cost fifty awakenings and not a thousand.
    """
    while (ahead := due - clock.now()) > 0 and not clock.stopped():
        clock.sleep(min(max(ahead / SECOND, _SHORTEST_NAP), _LONGEST_NAP))
        meanwhile()
    return not clock.stopped()
