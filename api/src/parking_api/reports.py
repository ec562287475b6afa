"""What version 2 answers about the lot beyond its state of now: its layout, its past, its figures. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from parking.documents import GatewayDocument
from parking.session import Session, SessionStatus
from parking_api.answers import Shape, duration_at, record
from parking_api.figures import MINUTE, Step, median
from parking_api.view import LotView


class Reports:
    """Answers from the table; times are unix seconds, and so is ``clock()``."""

    def __init__(self, view: LotView, document: GatewayDocument, clock: Callable[[], float]) -> None:
        self.view = view
        self.zone = ZoneInfo(document.time_zone)
        self._tariff = document.tariff
        self._clock = clock
        self._figures: dict[tuple[int, int, int, int], Shape] = {}
        self.lot: Shape = {
            "lot": document.lot,
            "time_zone": document.time_zone,
            "tariff": document.tariff.model_dump(),
            "timeout_seconds": document.timeout_seconds,
            "max_stay_seconds": document.max_stay_seconds,
            "rows": [row.model_dump(mode="json") for row in document.rows],
            "other_lots": [lot.model_dump(mode="json") for lot in document.other_lots],
            "has_road": document.road is not None,
        }

    def today(self) -> tuple[int, int]:
        """When the lot's day began, and the end of the present minute."""
        now = self._clock()
        midnight = datetime.fromtimestamp(now, self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp()), self._coming_minute()

    def session(self, session_id: str) -> Shape | None:
        """One session with its fee explained, an open one as of now; None when there is none of this id."""
        session = self.view.find(session_id)
        if session is None:
            return None
        if session.status is not SessionStatus.ACTIVE:
            return {"session": record(session), "fee": self._fee(session, None)}
        duration = duration_at(session, int(self._clock()))
        now = session.model_copy(update={"duration": duration, "cost": self._tariff.cost(duration)})
        return {"session": record(now), "fee": self._fee(now, session.start_time + self._tariff.next_step(duration))}

    def _fee(self, session: Session, next_step_at: int | None) -> Shape:
        """Explain what a session costs, if this tariff is the one that it was priced by."""
        steps = self._tariff.steps(session.duration)
        if sum(step.amount for step in steps) != session.cost or session.currency != self._tariff.currency:
            steps = ()
        return {
            "currency": session.currency,
            "total": session.cost,
            "steps": [step._asdict() for step in steps],
            "next_step_at": next_step_at,
        }

    def figures(self, begin: int, end: int, step: int) -> Shape:
        """What happened between two moments, all whole minutes; nothing is told of the future.

        Equal questions of the same second are answered once: every open dashboard asks them.
        """
        end = max(begin, min(end, self._coming_minute()))
        asked = (begin, end, step, int(self._clock()))
        if asked not in self._figures:
            self._figures = {known: told for known, told in self._figures.items() if known[3] == asked[3]}
            steps = list(self.view.figures.steps(begin, end, step))
            about = {"from": begin, "to": end, "step": step, "currency": self._tariff.currency}
            about["bays"] = self.view.bay_count
            self._figures[asked] = about | {"series": _columns(steps), "totals": self._totals(steps)}
        return self._figures[asked]

    def _totals(self, steps: Sequence[Step]) -> Shape:
        stays = list(chain.from_iterable(step.stays for step in steps))
        exits = sum(step.exits for step in steps)
        return {
            "entries": sum(step.entries for step in steps),
            "exits": exits,
            "revenue": sum(step.revenue for step in steps),
            "median_stay": median(stays),
            "turnover": round(exits / self.view.bay_count, 2),
        }

    def _coming_minute(self) -> int:
        return (int(self._clock()) // MINUTE + 1) * MINUTE


def _columns(steps: Sequence[Step]) -> Shape:
    names = ("entries", "exits", "revenue", "median_stay", "occupied")
    return {name: [getattr(step, name) for step in steps] for name in names}
