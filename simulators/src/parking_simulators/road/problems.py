"""What is wrong with a road's document beyond its single fields."""

from collections.abc import Iterator
from datetime import timedelta

from parking.errors import Problem
from parking.road_documents import RoadDocument
from parking_simulators.road.route import Route

_SHORTEST, _LONGEST = 100, 200_000  # metres: the longest takes five hours, which every vehicle drives before it counts


def problems_of_road(document: RoadDocument) -> Iterator[Problem]:
    """Find what is wrong with a document."""
    points = [(point.lat, point.lon) for point in document.route]
    length = Route(points).length if len(set(points)) > 1 else 0.0
    if not _SHORTEST <= length <= _LONGEST:
        yield Problem("route", f"{length:.0f} m", f"should be {_SHORTEST} m to {_LONGEST // 1_000} km long")
    if len({bay.bay for bay in document.bays}) < len(document.bays):
        yield Problem("bays", len(document.bays), "every bay should be named once")
    if document.vehicles < 1:
        yield Problem("vehicles", document.vehicles, "at least 1")
    lengths = {
        "reportInterval": document.report_interval,
        "sightingInterval": document.sighting_interval,
        "meanStay": document.mean_stay,
    }
    for name, length_of_time in lengths.items():
        if length_of_time <= timedelta(0):
            yield Problem(name, "0s", "should be longer than nothing")
    if not 0 <= document.seed < 2**63:
        yield Problem("seed", document.seed, "0 to 9223372036854775807")
