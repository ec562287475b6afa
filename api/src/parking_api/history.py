"""The ended sessions of a lot: the newest are kept to be listed, of older ones only that they were. Pure."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Self

from parking.session import Session, SessionStatus

REMEMBERED = 10
"""Sessions remembered after they left the history, as a multiple of the history's size."""
LOOKED_THROUGH = 20_000
"""Sessions that one page looks through at most, some 10 ms: the gateway does nothing else meanwhile."""

_FILLING = re.compile(r"[\W_]+")


class Place(NamedTuple):
    """Where a session stands in the order of ends; as text it is the cursor of a page."""

    end_time: int
    session_id: str

    @classmethod
    def of(cls, session: Session) -> Self:
        """Give a session's place."""
        return cls(session.end_time, session.session_id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cursor; raises ValueError."""
        end_time, _, session_id = text.partition("-")
        return cls(int(end_time), session_id)

    def __str__(self) -> str:
        return f"{self.end_time}-{self.session_id}"


def plate_pattern(text: str) -> str:
    """Give the letters and digits of a plate, upper case, by which people look for it."""
    return _FILLING.sub("", text).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which ended sessions are wanted; what is not said excludes none."""

    plate: str = ""
    """Any part of a plate, as ``plate_pattern`` gives it."""
    location: str | None = None
    status: SessionStatus | None = None
    begin: int = 0
    """Unix seconds of the first end_time wanted."""
    end: int = 2**62
    """Unix seconds of the first end_time wanted no more."""

    def matches(self, session: Session) -> bool:
        """Whether a session, which ended in time, is wanted."""
        return (
            (self.location is None or session.location == self.location)
            and (self.status is None or session.status is self.status)
            and (not self.plate or self.plate in plate_pattern(session.license_plate))
        )


class History:
    """The newest ``size`` ended sessions, and of each bay the one that ended there last, however long ago.

    Of the 10 x ``size`` that ended before them the versions are remembered, so that a repeated update is still
    recognised; a session that left this memory as well would be taken for a new one. Repetitions come from producers
    and jobs that restart, and are recent.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[str, Session] = {}
        self._by_end: list[Place] = []
        self._by_bay: dict[str, list[Place]] = {}
        self._last_at: dict[str, Session] = {}
        self._forgotten: dict[str, int] = {}
        self.total = 0
        """Sessions that ended, those not kept included."""

    def get(self, session_id: str) -> Session | None:
        """Give a session that is kept."""
        return self._kept.get(session_id)

    def version(self, session_id: str) -> int | None:
        """Give the version of a session that ended, as far as it is remembered."""
        kept = self._kept.get(session_id)
        return kept.version if kept else self._forgotten.get(session_id)

    def add(self, session: Session) -> None:
        """Take in a session that is not there."""
        place = Place.of(session)
        self.total += 1
        self._kept[session.session_id] = session
        insort(self._by_end, place)
        insort(self._by_bay.setdefault(session.location, []), place)
        last = self._last_at.get(session.location)
        if last is None or Place.of(last) < place:
            self._last_at[session.location] = session
        if len(self._by_end) > self._size:
            self._forget_oldest()

    def discard(self, session_id: str) -> Session | None:
        """Take out a session, which has a newer update, and give what was kept of it."""
        session = self._kept.pop(session_id, None)
        if session:
            place = Place.of(session)
            del self._by_end[bisect_left(self._by_end, place)]
            self._leave_bay(session.location, place)
        if session or self._forgotten.pop(session_id, None) is not None:
            self.total -= 1
        return session

    def newest(self, limit: int) -> Sequence[Session]:
        """Give at most ``limit`` (≥ 1) sessions, the newest end first."""
        return [self._kept[place.session_id] for place in reversed(self._by_end[-limit:])]

    def last_at(self, bay: str) -> Session | None:
        """Give the session that ended last at a bay."""
        return self._last_at.get(bay)

    def page(self, query: Query, before: Place | None, limit: int) -> tuple[list[Session], Place | None]:
        """Give at most ``limit`` sessions that ended before a place, newest first, and where the next page begins.

        A page may be short, even empty, where much had to be looked through for it: the last one has no next.
        """
        found: list[Session] = []
        place = None
        places = self._places(query, before)
        for place in islice(places, LOOKED_THROUGH):
            session = self._kept[place.session_id]
            if not query.matches(session):
                continue
            if len(found) == limit:
                return found, Place.of(found[-1])
            found.append(session)
        return found, place if next(places, None) else None

    def _places(self, query: Query, before: Place | None) -> Iterator[Place]:
        """Give the places before one that are in the query's time, newest first."""
        places = self._by_end if query.location is None else self._by_bay.get(query.location, [])
        first = Place(query.end, "")
        for number in range(bisect_left(places, min(before, first) if before else first) - 1, -1, -1):
            if places[number].end_time < query.begin:
                return
            yield places[number]

    def _forget_oldest(self) -> None:
        place = self._by_end.pop(0)
        oldest = self._kept.pop(place.session_id)
        del self._by_bay[oldest.location][0]
        self._forgotten[place.session_id] = oldest.version
        if len(self._forgotten) > REMEMBERED * self._size:
            del self._forgotten[next(iter(self._forgotten))]

    def _leave_bay(self, bay: str, place: Place) -> None:
        places = self._by_bay[bay]
        del places[bisect_left(places, place)]
        if self._last_at[bay].session_id == place.session_id:
            del self._last_at[bay]
            if places:
                self._last_at[bay] = self._kept[places[-1].session_id]
