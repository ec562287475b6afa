"""Documents of simulated roads for tests."""

from functools import cache
from typing import Any

from parking.road_documents import RoadDocument
from parking_simulators.road.fleet import Road
from parking_simulators.road.incidents import Incidents
from parking_simulators.road.route import Route
from parking_simulators.road.simulation import Simulation
from parking_simulators.road.weather import Sky

SHORT = ((10.8132, 106.6624), (10.8100, 106.6622), (10.8098, 106.6675), (10.8071, 106.6680))
"""1.3 km with two sharp bends."""
LONG = (
    (10.8132, 106.6624),
    (10.8006, 106.6608),
    (10.7998, 106.6747),
    (10.7921, 106.6860),
    (10.7856, 106.6957),
    (10.7797, 106.6990),
    (10.7721, 106.6983),
)


def road_document(bays: int = 4, route: tuple[tuple[float, float], ...] = SHORT, **fields: Any) -> RoadDocument:
    """Describe a small road; further ``fields`` replace what the document says otherwise."""
    told: dict[str, Any] = {
        "lot": "central",
        "bootstrap_servers": "127.0.0.1:1",
        "topics": {},
        "route": [{"lat": lat, "lon": lon} for lat, lon in route],
        "vehicles": 6,
        "report_interval": "2s",
        "seed": 42,
        "snapshots": {},
        "raw_topic": "raw-data",
        "bays": [{"bay": f"B{n}", "camera_id": f"camera-{n % 2}"} for n in range(1, bays + 1)],
        "sighting_interval": "2s",
        "mean_stay": "30s",
    }
    return RoadDocument.model_validate({**told, **fields})


@cache
def road(seed: int = 42, route: tuple[tuple[float, float], ...] = LONG, likelihood: float | None = None) -> Road:
    way = Route(route)
    incidents = Incidents(seed, way.length) if likelihood is None else Incidents(seed, way.length, likelihood)
    return Road(way, Sky(seed), incidents)


@cache
def simulation(**fields: Any) -> Simulation:
    return Simulation(road_document(**fields))
