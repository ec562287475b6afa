"""The table of the lot's sessions, made from their updates: who is parked where, and who has left.

Pure: no web framework, no Kafka, no clock. Which order updates come in, and how often each comes, makes no
difference: a session is its update with the highest version.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from enum import StrEnum
from operator import attrgetter

from parking.session import Session, SessionStatus

REMEMBERED = 10
"""Sessions remembered after they left the history, as a multiple of the history's size."""

_newest_arrival = attrgetter("last_arrival", "start_time", "session_id")
_oldest_first = attrgetter("start_time", "session_id")


class Outcome(StrEnum):
    """What an update did to the table."""

    UPDATED = "updated"
    STALE = "stale"
    FOREIGN = "foreign"


class LotView:
    """The sessions of one lot: all open ones, and the newest ``history`` ended ones.

    Sessions that ended earlier are counted, not kept. Of the last 10 x ``history`` of them the versions are
    remembered, so that a repeated update is still recognised; a session that left this memory as well would be
    taken for a new one and counted twice. Repetitions come from producers and jobs that restart, and are recent.
    What left the history does not come back when a newer version reopens a session that is in it.
    """

    def __init__(self, *, lot: str, bays: Iterable[str], history: int = 10_000) -> None:
        self.lot = lot
        self._bays = tuple(bays)
        self._history = history
        self._parked: dict[str, dict[str, Session]] = {bay: {} for bay in self._bays}
        self._open: dict[str, Session] = {}
        self._ended: dict[str, Session] = {}
        self._by_end: list[tuple[int, str]] = []
        self._forgotten: dict[str, int] = {}
        self.busy_count = 0
        self.closed_total = 0
        self.revision = 0
        """Grows with every change of the table."""

    @property
    def bay_count(self) -> int:
        """Number of bays in the lot."""
        return len(self._bays)

    @property
    def open_count(self) -> int:
        """Number of open sessions; two on one bay (a misread plate) count twice."""
        return len(self._open)

    def upsert(self, session: Session) -> Outcome:
        """Take an update, unless it is another lot's or not newer than what the table holds."""
        if session.lot != self.lot:
            return Outcome.FOREIGN
        if session.version <= self._version(session.session_id):
            return Outcome.STALE
        self._remove(session.session_id)
        if session.status is SessionStatus.ACTIVE:
            self._park(session)
        else:
            self._end(session)
        self.revision += 1
        return Outcome.UPDATED

    def has_bay(self, bay: str) -> bool:
        """Whether the lot has this bay now; sessions of bays it once had stay listed."""
        return bay in self._parked

    def free_bays(self) -> list[str]:
        """Bays without a car, in the order of the layout."""
        return [bay for bay in self._bays if not self._parked[bay]]

    def busy_bays(self) -> list[str]:
        """Bays with a car, in the order of the layout."""
        return [bay for bay in self._bays if self._parked[bay]]

    def at_bay(self, bay: str) -> Session | None:
        """The open session at a bay of the lot; of several, the one heard of last."""
        return max(self._parked[bay].values(), key=_newest_arrival, default=None)

    def open_sessions(self) -> Sequence[Session]:
        """All open sessions, the longest stay first."""
        return sorted(self._open.values(), key=_oldest_first)

    def ended_sessions(self, limit: int) -> Sequence[Session]:
        """At most ``limit`` (≥ 1) ended sessions, the newest first."""
        return [self._ended[session_id] for _, session_id in reversed(self._by_end[-limit:])]

    def _version(self, session_id: str) -> int:
        known = self._open.get(session_id) or self._ended.get(session_id)
        return known.version if known else self._forgotten.get(session_id, -1)

    def _remove(self, session_id: str) -> None:
        """Take out what the table holds of a session, so that its new update can come in."""
        if session := self._open.pop(session_id, None):
            self._leave(session)
        elif session := self._ended.pop(session_id, None):
            del self._by_end[bisect_left(self._by_end, (session.end_time, session_id))]
            self.closed_total -= 1
        elif self._forgotten.pop(session_id, None):
            self.closed_total -= 1

    def _park(self, session: Session) -> None:
        self._open[session.session_id] = session
        parked = self._parked.get(session.location)
        if parked is None:
            return
        if not parked:
            self.busy_count += 1
        parked[session.session_id] = session

    def _leave(self, session: Session) -> None:
        parked = self._parked.get(session.location)
        if parked is None:
            return
        del parked[session.session_id]
        if not parked:
            self.busy_count -= 1

    def _end(self, session: Session) -> None:
        self.closed_total += 1
        self._ended[session.session_id] = session
        insort(self._by_end, (session.end_time, session.session_id))
        if len(self._by_end) > self._history:
            _, oldest = self._by_end.pop(0)
            self._forgotten[oldest] = self._ended.pop(oldest).version
            if len(self._forgotten) > REMEMBERED * self._history:
                del self._forgotten[next(iter(self._forgotten))]
