"""The frozen shapes in which the gateway speaks of the lot, the same over REST and Socket.IO. Pure.

Fields may be added here, none removed or renamed: dashboards in the field rely on them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parking.session import Session, SessionStatus
from parking.tariff import Tariff
from parking_api.view import LotView

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers about the lot, with durations and costs of open sessions as of ``clock()``, in unix seconds."""

    view: LotView
    tariff: Tariff
    clock: Callable[[], float]

    def status(self) -> Shape:
        """Whether the gateway runs, for which lot, and the counters."""
        return {"status": "running", "lot": self.view.lot} | self.statistics()

    def statistics(self) -> Shape:
        """The five counters."""
        view = self.view
        return {
            "total_locations": view.bay_count,
            "busy_count": view.busy_count,
            "free_count": view.bay_count - view.busy_count,
            "active_sessions": view.open_count,
            "closed_sessions_total": view.closed_total,
        }

    def active_sessions(self) -> list[Shape]:
        """Every open session."""
        now = int(self.clock())
        return [self._active(session, now) for session in self.view.open_sessions()]

    def closed_sessions(self, limit: int) -> list[Shape]:
        """The newest ended sessions, whole records."""
        return [record(session) for session in self.view.history.newest(limit)]

    def location(self, location_id: str) -> Shape | None:
        """One bay, its name in any case; None when the lot has no such bay."""
        bay = location_id.strip().upper()
        if not self.view.has_bay(bay):
            return None
        session = self.view.at_bay(bay)
        if session is None:
            return {"status": "FREE", "location": bay} | dict.fromkeys(
                ("license_plate", "start_time", "duration", "cost")
            )
        active = self._active(session, int(self.clock()))
        return active | {"status": "OCCUPIED"}

    def snapshot(self) -> Shape:
        """All that a client needs to draw the lot."""
        return self.durations() | {"free_locations": self.view.free_bays(), "busy_locations": self.view.busy_bays()}

    def durations(self) -> Shape:
        """What goes on changing while nothing happens."""
        return {"active_sessions": self.active_sessions(), "statistics": self.statistics()}

    def _active(self, session: Session, now: int) -> Shape:
        duration = duration_at(session, now)
        return {
            "license_plate": session.license_plate,
            "location": session.location,
            "start_time": session.start_time,
            "duration": duration,
            "cost": self.tariff.cost(duration),
            "status": session.status.value,
            "session_id": session.session_id,
            "version": session.version,
            "currency": session.currency,
            "last_arrival": session.last_arrival,
        }


def duration_at(session: Session, now: int) -> int:
    """Give how long an open session has lasted: never less than was recorded, whatever our clock says."""
    return max(now - session.start_time, session.duration)


def record(session: Session) -> Shape:
    """The record of a session, as it travels on the topic."""
    return session.model_dump(mode="json")


def exit_notification(session: Session) -> Shape:
    """What is told when a car has left, or was not seen any more."""
    left = "left" if session.status is SessionStatus.CLOSED else "is no longer seen at"
    return {
        "type": "EXIT",
        "license_plate": session.license_plate,
        "location": session.location,
        "duration": session.duration,
        "cost": session.cost,
        "timestamp": session.end_time,
        "message": f"{session.license_plate} {left} {session.location}: {session.duration} s, "
        f"{session.cost} {session.currency}",
        "session_id": session.session_id,
        "status": session.status.value,
        "currency": session.currency,
    }
