"""The table of the lot's sessions, made from their updates: who is parked where, and who has left.

Pure: no web framework, no Kafka, no clock. Which order updates come in, and how often each comes, makes no
difference: a session is its update with the highest version.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from operator import attrgetter

from parking.session import Session, SessionStatus
from parking_api.figures import Figures
from parking_api.history import History

_newest_arrival = attrgetter("last_arrival", "start_time", "session_id")
_oldest_first = attrgetter("start_time", "session_id")


class Outcome(StrEnum):
    """What an update did to the table."""

    UPDATED = "updated"
    STALE = "stale"
    FOREIGN = "foreign"


class LotView:
    """The sessions of one lot: all open ones, and the newest ``history`` ended ones.

    Sessions that ended earlier are counted, not kept. What left the history does not come back when a newer version
    reopens a session that is in it.
    """

    def __init__(self, *, lot: str, bays: Iterable[str], history: int = 10_000) -> None:
        self.lot = lot
        self._bays = tuple(bays)
        self._parked: dict[str, dict[str, Session]] = {bay: {} for bay in self._bays}
        self._open: dict[str, Session] = {}
        self.history = History(history)
        self.figures = Figures()
        self.busy_count = 0
        self.newest_arrival: int | None = None
        """Unix milliseconds of the newest sighting of any car."""
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

    @property
    def closed_total(self) -> int:
        """Number of ended sessions."""
        return self.history.total

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
            self.history.add(session)
        self.figures.count(session)
        self.newest_arrival = max(self.newest_arrival or 0, session.last_arrival)
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

    def last_ended(self) -> Sequence[Session]:
        """Of each bay without a car, the session that ended there last."""
        return [last for bay in self.free_bays() if (last := self.history.last_at(bay))]

    def find(self, session_id: str) -> Session | None:
        """Give a session, open or still in the history."""
        return self._open.get(session_id) or self.history.get(session_id)

    def _version(self, session_id: str) -> int:
        if known := self._open.get(session_id):
            return known.version
        ended = self.history.version(session_id)
        return -1 if ended is None else ended

    def _remove(self, session_id: str) -> None:
        """Take out what the table holds of a session, so that its new update can come in."""
        if session := self._open.pop(session_id, None):
            self._leave(session)
        else:
            session = self.history.discard(session_id)
        if session:
            self.figures.discount(session)

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
