"""Writes what a road would send into files of JSON lines, one per topic, as fast as it can be made up."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from parking.errors import ParkingError
from parking.road_documents import RoadDocument
from parking_simulators.road.claims import Claims
from parking_simulators.road.due import Due, Occasion
from parking_simulators.road.simulation import Simulation
from parking_simulators.road.store import NotStoredError
from parking_simulators.times import Time


def record_road(document: RoadDocument, claims: Claims, start: Time, end: Time, folder: Path) -> int:
    """Write every record from ``start`` until before ``end``; gives their number."""
    simulation, written = Simulation(document), 0
    names = (*document.topics.names().values(), document.raw_topic)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            files = {
                name: stack.enter_context((folder / f"{name}.jsonl").open("w", encoding="utf-8")) for name in names
            }
            for due in simulation.schedule.due(start, end):
                for topic, _, value in _sent(simulation, claims, due):
                    files[topic].write(value + "\n")
                    written += 1
    except OSError as error:
        raise ParkingError(f"--output: {folder} cannot be written: {error.strerror}") from error
    return written


def _sent(simulation: Simulation, claims: Claims, due: Due) -> Iterator[tuple[str, str, str]]:
    match due.occasion:
        case Occasion.PASSING:
            yield simulation.traffic(due, _placed(simulation, claims, due))
        case Occasion.PARKING:
            yield simulation.sighting(due)
        case _:
            yield from simulation.reports(due)


def _placed(simulation: Simulation, claims: Claims, due: Due) -> str:
    """Find the picture's place; a recording that lacks one is of no use, so it ends here."""
    try:
        return claims.place(simulation.picture(due), due.at)
    except NotStoredError as error:
        raise ParkingError(f"snapshots.store: {error}") from error
