"""Vehicles on their way to the lot and incidents on the road, as of now. Pure; touched on the event loop only."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from parking.documents import GatewayRoad
from parking.road import Emergency, Gps
from parking_api.answers import Shape

MISSED_REPORTS = 3
"""So many reports of a vehicle may be missing before it is shown no more."""
LEAST_SECONDS = 10.0
INCIDENT_SECONDS = 300.0
"""An incident that nobody has seen for so long is shown no more: whoever saw it last may have driven on."""
MOST = 10_000
"""Vehicles, and incidents, that are kept; those seen longest ago go first."""


R = TypeVar("R", Gps, Emergency)


class Report(NamedTuple, Generic[R]):
    """A record, and when the broker took it (unix seconds): clocks of devices may be anything."""

    record: R
    arrival: float


def patience_of(document: GatewayRoad) -> float:
    """Give the seconds after which a vehicle is gone."""
    return max(LEAST_SECONDS, MISSED_REPORTS * document.report_interval.total_seconds())


class Road:
    """The newest report of each vehicle and of each incident, whatever the order in which they come."""

    def __init__(self, document: GatewayRoad, clock: Callable[[], float]) -> None:
        interval = document.report_interval.total_seconds()
        self.patience = patience_of(document)
        self._clock = clock
        self._vehicles: dict[str, Report[Gps]] = {}
        self._incidents: dict[str, Report[Emergency]] = {}
        self._about = {
            "route": [[point.lat, point.lon] for point in document.route],
            "report_interval_seconds": interval,
        }

    def see(self, reports: Iterable[Report[Any]]) -> None:
        """Take in reports of vehicles and of incidents."""
        for report in reports:
            record = report.record
            if isinstance(record, Gps):
                _keep(self._vehicles, record.device_id, report)
            elif record.incident_id is not None:
                _keep(self._incidents, record.incident_id, report)

    def told(self) -> Shape:
        """Give all that is known of now; times are unix milliseconds, speeds km/h, directions degrees."""
        now = self._clock()
        _forget(self._vehicles, now - self.patience)
        _forget(self._incidents, now - INCIDENT_SECONDS)
        vehicles = [_vehicle(report.record) for report in self._vehicles.values()]
        incidents = [_incident(found.record) for found in self._incidents.values() if found.record.status == "Active"]
        return {**self._about, "now": int(now * 1_000), "vehicles": vehicles, "incidents": incidents}

    @property
    def count(self) -> int:
        """Number of vehicles on their way."""
        _forget(self._vehicles, self._clock() - self.patience)
        return len(self._vehicles)


def _keep(known: dict[str, Report[R]], name: str, report: Report[R]) -> None:
    """Keep what was measured last; the one kept last is the last to go."""
    before = known.get(name)
    if before is not None and before.record.timestamp >= report.record.timestamp:
        return
    known.pop(name, None)
    known[name] = report
    if len(known) > MOST:
        del known[next(iter(known))]


def _forget(known: dict[str, Report[R]], since: float) -> None:
    for name in [name for name, report in known.items() if report.arrival < since]:
        del known[name]


def _vehicle(record: Gps) -> Shape:
    return {
        "device_id": record.device_id,
        "vehicle_type": record.vehicle_type,
        "latitude": record.latitude,
        "longitude": record.longitude,
        "speed": record.speed,
        "direction": record.direction,
        "reported": int(record.timestamp.timestamp() * 1_000),
    }


def _incident(record: Emergency) -> Shape:
    latitude, longitude = record.location
    return {
        "incident_id": record.incident_id,
        "type": record.type,
        "latitude": latitude,
        "longitude": longitude,
        "description": record.description,
        "reported": int(record.timestamp.timestamp() * 1_000),
    }
