"""Vehicles on their way to the lot and incidents on the road, as of now. Pure; touched on the event loop only."""

from collections.abc import Callable, Iterable
from typing import TypeVar

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


class Road:
    """The newest report of each vehicle and of each incident, whatever the order in which they come."""

    def __init__(self, document: GatewayRoad, clock: Callable[[], float]) -> None:
        interval = document.report_interval.total_seconds()
        self.patience = max(LEAST_SECONDS, MISSED_REPORTS * interval)
        """Seconds after which a vehicle is gone."""
        self._clock = clock
        self._vehicles: dict[str, Gps] = {}
        self._incidents: dict[str, Emergency] = {}
        self._about = {
            "route": [[point.lat, point.lon] for point in document.route],
            "report_interval_seconds": interval,
        }

    def see(self, records: Iterable[Gps | Emergency]) -> None:
        """Take in reports."""
        for record in records:
            if isinstance(record, Gps):
                _keep(self._vehicles, record.device_id, record)
            elif record.incident_id is not None:
                _keep(self._incidents, record.incident_id, record)

    def told(self) -> Shape:
        """Give all that is known of now; times are unix milliseconds, speeds km/h, directions degrees."""
        now = self._clock()
        _forget(self._vehicles, now - self.patience)
        _forget(self._incidents, now - INCIDENT_SECONDS)
        vehicles = [_vehicle(record) for record in self._vehicles.values()]
        incidents = [_incident(record) for record in self._incidents.values() if record.status == "Active"]
        return {**self._about, "now": int(now * 1_000), "vehicles": vehicles, "incidents": incidents}

    @property
    def count(self) -> int:
        """Number of vehicles on their way."""
        _forget(self._vehicles, self._clock() - self.patience)
        return len(self._vehicles)


def _keep(known: dict[str, R], name: str, record: R) -> None:
    """Keep the newest report; the one kept last is the last to go."""
    before = known.get(name)
    if before is not None and before.timestamp >= record.timestamp:
        return
    known.pop(name, None)
    known[name] = record
    if len(known) > MOST:
        del known[next(iter(known))]


def _forget(known: dict[str, R], since: float) -> None:
    for name in [name for name, record in known.items() if record.timestamp.timestamp() < since]:
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
