"""The three programs: here settings, cameras, publisher, probe and clock meet."""

import logging

from parking.errors import ParkingError
from parking.probe import Probe
from parking_simulators.camera import Cameras
from parking_simulators.clock import Clock, WallClock
from parking_simulators.live import Live
from parking_simulators.metrics import CameraMetrics, exposition
from parking_simulators.publish import DELIVERY_TIMEOUT, FLUSH_TIMEOUT, Publisher
from parking_simulators.record import record
from parking_simulators.recording import read_recording
from parking_simulators.replay import replay, shift_to_now
from parking_simulators.settings import CamerasSettings, RecordSettings, ReplaySettings
from parking_simulators.times import SECOND, microseconds, moment

log = logging.getLogger(__name__)

_CONNECT_TIMEOUT = 30


def run_cameras(settings: CamerasSettings) -> int:
    """Simulate cameras until the program should end. After a planned end it stays, idle and ready.

    Cars that stand in their bays when the program ends stay there: their sessions go on after a restart, with
    which a new period begins.
    """
    document, clock = settings.document, WallClock()
    publisher = Publisher(document.bootstrap_servers, document.topic, stopped=clock.stopped)
    live = Live(Cameras(document), clock, publisher.send, publisher.serve)
    probe = _probe(settings.probe_port, live, publisher)
    try:
        live.run(document.duration_minutes)
        if live.ended:
            log.info("planned end reached: every car has left; idle until told to end")
        while not clock.stopped():
            clock.sleep(0.2)
            publisher.serve()
    finally:
        publisher.close()
        probe.close()
    return 0


def _probe(port: int, live: Live, publisher: Publisher) -> Probe:
    def state() -> dict[str, object]:
        trouble = publisher.trouble()
        reason = trouble or ("planned end reached" if live.ended else "cameras are watching")
        return {"ready": not trouble, "reason": reason}

    try:
        probe = Probe(port, state=state, metrics=exposition(CameraMetrics(live, publisher)))
    except OSError as error:
        raise ParkingError(f"--probe-port: {port} cannot be used: {error.strerror}") from error
    log.info("probe on port %d", probe.port)
    return probe


def run_replay(settings: ReplaySettings) -> int:
    """Play a file of events; 1 if the brokers did not take all of them."""
    clock, speed = WallClock(), settings.speed
    events = read_recording(settings.file)
    if settings.shift_to_now:
        seconds = shift_to_now(events, speed, clock.now())
        events = (event.shifted(seconds) for event in read_recording(settings.file))
    publisher = Publisher(settings.bootstrap_servers, settings.topic, stopped=clock.stopped)
    try:
        _connect(publisher, clock)
        sent = replay(events, speed, clock, publisher.send, publisher.serve)
        log.info("%d events of %s sent to %s", sent, settings.file, settings.topic)
    finally:
        publisher.close(timeout=FLUSH_TIMEOUT if clock.stopped() else DELIVERY_TIMEOUT)
    return 1 if publisher.lost else 0


def _connect(publisher: Publisher, clock: Clock) -> None:
    give_up = clock.now() + _CONNECT_TIMEOUT * SECOND
    while (trouble := publisher.trouble()) and not clock.stopped():
        if clock.now() > give_up:
            raise ParkingError(f"--bootstrap-servers: {trouble}")
        publisher.serve(0.1)


def run_record(settings: RecordSettings) -> int:
    """Write what cameras would send into a file."""
    start = moment(settings.start)
    written = record(settings.document, start, start + microseconds(settings.duration), settings.output)
    log.info("%d events written to %s", written, settings.output)
    return 0
