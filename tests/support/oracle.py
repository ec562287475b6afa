"""The rules of design and fold, naively: one event at a time, plain dicts, no cleverness. The judge of every engine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from parking.session import session_id
from parking.tariff import Tariff


@dataclass(frozen=True)
class Seen:
    """One event, in order of arrival within its partition."""

    plate: str
    bay: str
    time: int
    arrival: int
    exiting: bool = False
    partition: int = 0
    offset: int = 0


@dataclass
class Stay:
    start: int
    end: int
    arrival: int
    newest: int


@dataclass
class Oracle:
    lot: str
    timeout: int
    tariff: Tariff = field(default_factory=Tariff)
    open: dict[tuple[int, str, str], Stay] = field(default_factory=dict)
    closed: dict[tuple[int, str, str], tuple[int, int]] = field(default_factory=dict)
    table: dict[str, dict] = field(default_factory=dict)

    def see(self, events: Iterable[Seen]) -> None:
        for event in events:
            self._see(event)

    def _see(self, event: Seen) -> None:
        key = (event.partition, event.plate, event.bay)
        if key in self.closed:
            end, arrival = self.closed[key]
            if event.time <= end and event.arrival - arrival <= self.timeout * 1000:
                return
        stay = self.open.get(key)
        if stay and (event.time - stay.end > self.timeout or event.arrival - stay.arrival > self.timeout * 1000):
            self._end(key, "TIMEOUT")
            stay = None
        if stay is None:
            stay = self.open[key] = Stay(event.time, event.time, event.arrival, event.offset)
        else:
            stay.end, stay.arrival, stay.newest = max(stay.end, event.time), event.arrival, event.offset
        if event.exiting:
            self.closed[key] = (stay.end, stay.arrival)
            self._end(key, "CLOSED")
        else:
            self._report(key, stay, "ACTIVE")

    def tick(self, clock: Mapping[int, int]) -> None:
        """Let the partitions' clocks stand at these broker times (ms)."""
        for key, stay in list(self.open.items()):
            if key[0] in clock and clock[key[0]] - stay.arrival > self.timeout * 1000:
                self._end(key, "TIMEOUT")

    def _end(self, key: tuple[int, str, str], status: str) -> None:
        self._report(key, self.open.pop(key), status)

    def _report(self, key: tuple[int, str, str], stay: Stay, status: str) -> None:
        partition, plate, bay = key
        row = {
            "license_plate": plate,
            "location": bay,
            "start_time": stay.start,
            "end_time": stay.end,
            "duration": stay.end - stay.start,
            "cost": self.tariff.cost(stay.end - stay.start),
            "status": status,
            "last_updated": stay.arrival // 1000,
            "session_id": session_id(self.lot, plate, bay, stay.start),
            "lot": self.lot,
            "version": 2 * (stay.newest + 1) + (status == "TIMEOUT"),
            "currency": self.tariff.currency,
            "partition": partition,
            "last_arrival": stay.arrival,
        }
        upsert(self.table, row)


def upsert(table: dict[str, dict], row: dict) -> None:
    """Keep the newest version of each session."""
    known = table.get(row["session_id"])
    if known is None or known["version"] < row["version"]:
        table[row["session_id"]] = row
