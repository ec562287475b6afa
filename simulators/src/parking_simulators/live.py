"""Cameras in real time: each report is sent when it is due, until the planned end or until the program should end."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator

from parking_simulators.camera import Cameras
from parking_simulators.clock import Clock, wait_until
from parking_simulators.report import Report
from parking_simulators.times import SECOND, Time

log = logging.getLogger(__name__)

MAX_BEHIND: Time = 60 * SECOND
"""Cameras that are further behind (the machine slept, the brokers were slow) go on from now: they saw nothing."""

Send = Callable[[str, str], None]


class Live:
    """Runs cameras from now on. ``send`` takes plate and event; ``serve`` is called a few times a second."""

    def __init__(self, cameras: Cameras, clock: Clock, send: Send, serve: Callable[[], None]) -> None:
        self._cameras = cameras
        self._clock = clock
        self._send_event = send
        self._serve = serve
        self.ended = False
        self.sent: Counter[str] = Counter()
        self.skipped: Time = 0

    def cars(self) -> int:
        """Count the cars in view now."""
        return 0 if self.ended else self._cameras.cars(self._clock.now())

    def run(self, duration_minutes: int | None) -> None:
        """Report until the planned end and then let every car leave, or until the program should end."""
        end = None if duration_minutes is None else self._clock.now() + duration_minutes * 60 * SECOND
        since: Time | None = self._clock.now()
        while since is not None:
            since = self._follow(self._cameras.reports(since, end))
        if end is not None and wait_until(end, self._clock, self._serve):
            for report in self._cameras.farewell(end):
                self._send(report)
            self.ended = True

    def _follow(self, reports: Iterator[Report]) -> Time | None:
        """Send reports when they are due; gives the time from which to begin anew if that falls too far behind."""
        for report in reports:
            if not wait_until(report.at, self._clock, self._serve):
                return None
            behind = self._clock.now() - report.at
            if behind > MAX_BEHIND:
                log.warning("%d s behind: going on from now, the cameras saw nothing meanwhile", behind // SECOND)
                self.skipped += behind
                return self._clock.now()
            self._send(report)
        return None

    def _send(self, report: Report) -> None:
        self.sent[report.status] += 1
        self._send_event(report.plate, self._cameras.event(report).model_dump_json())
