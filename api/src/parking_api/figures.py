"""What happened in the lot minute by minute, and from that the figures of any hours or days. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from statistics import median_low

from parking.session import Session, SessionStatus

MINUTE = 60
KEPT_MINUTES = 8 * 24 * 60
"""A week and a day. What is older is counted together."""


@dataclass(slots=True)
class Minute:
    """What happened in a minute."""

    entries: int = 0
    exits: int = 0
    revenue: int = 0
    stays: list[int] = field(default_factory=list)
    """Seconds that the cars which left had stayed."""

    def add(self, other: "Minute") -> None:
        """Count another minute in, but for its stays."""
        self.entries += other.entries
        self.exits += other.exits
        self.revenue += other.revenue


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in a step of time; ``occupied``: sessions open at its end."""

    entries: int
    exits: int
    revenue: int
    stays: Sequence[int]
    occupied: int

    @property
    def median_stay(self) -> int | None:
        """Median of the stays that ended, in seconds."""
        return median(self.stays)


def median(stays: Sequence[int]) -> int | None:
    """Give the median of stays, one that there was; None of none."""
    return median_low(stays) if stays else None


class Figures:
    """Counts sessions by the minutes in which they began and ended."""

    def __init__(self) -> None:
        self._minutes: dict[int, Minute] = {}
        self._before = Minute()
        """All minutes earlier than those kept."""
        self._first = 0

    def count(self, session: Session) -> None:
        """Count a session in."""
        self._at(session.start_time).entries += 1
        if session.status is SessionStatus.ACTIVE:
            return
        minute = self._at(session.end_time)
        minute.exits += 1
        minute.revenue += session.cost
        if minute is not self._before:
            minute.stays.append(session.duration)

    def discount(self, session: Session) -> None:
        """Take back what ``count`` counted for the same session."""
        self._at(session.start_time).entries -= 1
        if session.status is SessionStatus.ACTIVE:
            return
        minute = self._at(session.end_time)
        minute.exits -= 1
        minute.revenue -= session.cost
        if session.duration in minute.stays:
            minute.stays.remove(session.duration)

    def steps(self, begin: int, end: int, step: int) -> Iterator[Step]:
        """Give the steps from ``begin`` to ``end``: unix seconds and seconds, all multiples of 60."""
        first = begin // MINUTE
        earlier = [self._before, *(minute for number, minute in self._minutes.items() if number < first)]
        occupied = sum(minute.entries - minute.exits for minute in earlier)
        for start in range(first, -(-end // MINUTE), step // MINUTE):
            stop = min(start + step // MINUTE, end // MINUTE)
            minutes = [minute for number in range(start, stop) if (minute := self._minutes.get(number))]
            total = Minute()
            for minute in minutes:
                total.add(minute)
            occupied += total.entries - total.exits
            stays = list(chain.from_iterable(minute.stays for minute in minutes))
            yield Step(total.entries, total.exits, total.revenue, stays, occupied)

    def _at(self, second: int) -> Minute:
        number = second // MINUTE
        if number < self._first:
            return self._before
        if (minute := self._minutes.get(number)) is None:
            minute = self._minutes[number] = Minute()
            self._forget(number - KEPT_MINUTES)
        return minute

    def _forget(self, first: int) -> None:
        """Count together what is earlier than a minute, an hour's worth at once."""
        if first < self._first + MINUTE:
            return
        self._first = first
        for number in [number for number in self._minutes if number < first]:
            self._before.add(self._minutes.pop(number))
