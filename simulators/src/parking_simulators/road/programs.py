"""The two programs of the road: here settings, vehicles, pictures, publisher, probe and clock meet."""

import logging

from parking.errors import ParkingError
from parking.probe import Probe
from parking.road_documents import RoadDocument
from parking_simulators.clock import WallClock
from parking_simulators.metrics import exposition
from parking_simulators.publish import FLUSH_TIMEOUT, Publisher
from parking_simulators.road.claims import Claims
from parking_simulators.road.live import LiveRoad
from parking_simulators.road.metrics import RoadMetrics
from parking_simulators.road.record import record_road
from parking_simulators.road.store import SnapshotStore
from parking_simulators.settings import RoadRecordSettings, RoadSettings
from parking_simulators.times import microseconds, moment

log = logging.getLogger(__name__)


def run_road(settings: RoadSettings) -> int:
    """Simulate the vehicles of a road until the program should end; they go on when it is started again."""
    document, clock = settings.document, WallClock()
    claims = _claims(document)
    topics = (*document.topics.names().values(), document.raw_topic)
    publisher = Publisher(document.bootstrap_servers, *topics, stopped=clock.stopped)
    live = LiveRoad(document, claims, clock, publisher.send, publisher.serve)
    probe = _probe(settings.probe_port, live, claims, publisher)
    try:
        live.run()
    finally:
        claims.close(FLUSH_TIMEOUT)
        publisher.close()
        probe.close()
    return 0


def run_road_record(settings: RoadRecordSettings) -> int:
    """Write what the vehicles of a road would send into files."""
    start = moment(settings.start)
    claims = _claims(settings.document)
    written = record_road(settings.document, claims, start, start + microseconds(settings.duration), settings.output)
    log.info("%d records written to %s", written, settings.output)
    return 0


def _claims(document: RoadDocument) -> Claims:
    folder = document.snapshots.store
    return Claims(document.snapshots, SnapshotStore(folder, document) if folder else None)


def _probe(port: int, live: LiveRoad, claims: Claims, publisher: Publisher) -> Probe:
    def state() -> dict[str, object]:
        trouble = publisher.trouble()
        return {"ready": not trouble, "reason": trouble or "vehicles are on their way"}

    try:
        probe = Probe(port, state=state, metrics=exposition(RoadMetrics(live, claims, publisher)))
    except OSError as error:
        raise ParkingError(f"--probe-port: {port} cannot be used: {error.strerror}") from error
    log.info("probe on port %d", probe.port)
    return probe
