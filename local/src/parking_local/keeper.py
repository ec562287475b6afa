"""Keeps one lot up: its brokers, its children, its manifest's edits, until it is told to end."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from parking.errors import ParkingError
from parking.lot import ParkingLot
from parking_local import broker, checks, downloads
from parking_local.display import StatusLines, component_line
from parking_local.first_sessions import FirstSessions
from parking_local.kraft import copies_among
from parking_local.lot_folder import LotFolder, write_whole
from parking_local.lots import localised, machine_site, parse_manifest, refuse_impossible_edit
from parking_local.machine import MachineWorld
from parking_local.options import Options
from parking_local.processes import Program, Supervisor
from parking_operator.reconcile import reconcile
from parking_operator.status import LotStatus
from parking_operator.topic_admin import TopicAdmin

_BEAT = 0.2
_WHILE_STARTING, _WHEN_READY = 0.5, 2.0
_BROKER_PATIENCE = 90.0
_ADMIN_TIMEOUT = 5.0
"""While the broker is asked, crashed programs wait to be restarted, the broker itself among them."""
BROKER = "broker"


class Keeper:
    """A lot that is being kept up. Everything happens in the thread that calls ``run``."""

    def __init__(self, options: Options, folder: LotFolder, supervisor: Supervisor, console: Console) -> None:
        self._options = options
        self._folder = folder
        self._supervisor = supervisor
        self._console = console
        self._brokers = [BROKER, *(f"{BROKER}-{number}" for number in range(2, options.brokers + 1))]
        self._world = MachineWorld(folder, supervisor, TopicAdmin(options.servers, timeout=_ADMIN_TIMEOUT))
        self._site = machine_site(
            bootstrap_servers=options.servers,
            storage=folder.storage(options.kafka),
            gateway_port=options.port,
            brokers=copies_among(broker.count_brokers(options.kafka) if options.kafka else options.brokers),
        )
        self._lines = StatusLines(console)
        self._first_sessions = FirstSessions(self._site.gateway_url or "", console)
        self._stop = threading.Event()
        self._text: str | None = None
        self._announced = False

    def run(self, lot: ParkingLot) -> None:
        """Keep ``lot`` up until it is told to end, then end everything in order; raises ParkingError."""
        self._introduce(lot)
        with self._signals():
            try:
                if not self._options.kafka:
                    self._start_brokers()
                self._keep(lot)
            finally:
                self._end()

    def _introduce(self, lot: ParkingLot) -> None:
        self._text = _text_of(self._options.manifest)
        size = f"{len(lot.bays)} bays, {lot.spec.cameras.count} cameras, engine {lot.spec.sessions.engine}"
        self._console.print(f"{lot.name}: {size}; data and logs in {self._folder.root}")
        if lot.spec.kafka.cluster or lot.spec.kafka.bootstrap_servers:
            self._console.print(f"spec.kafka names other brokers; here {self._options.servers} is used (see --kafka)")

    def _start_brokers(self) -> None:
        """Start the lot's own brokers and wait until each of them answers."""
        options = self._options
        settings = broker.BrokerSettings(options.kafka_port, self._folder.broker, brokers=options.brokers)
        with self._console.status("starting the broker"):
            for name, argv in zip(self._brokers, broker.cluster_commands(settings), strict=True):
                self._supervisor.ensure(Program(name=name, argv=tuple(argv)))
            deadline = time.monotonic() + _BROKER_PATIENCE
            while not self._stop.is_set() and not broker.are_ready(settings):
                self._supervisor.tick()
                for name in self._brokers:
                    error = self._supervisor.error(name)
                    if error or time.monotonic() > deadline:
                        raise ParkingError(f"the {name} {error or 'is not ready'}; log: {self._folder.log(name)}")
                self._stop.wait(_BEAT)
        self._console.print(component_line("ready", BROKER, settings.bootstrap_servers))

    def _keep(self, lot: ParkingLot) -> None:
        self._accept(lot)
        next_pass = 0.0
        with self._console.status("starting") as spinner:
            while not self._stop.wait(_BEAT):
                self._supervisor.tick()
                if edited := self._edited(lot):
                    lot, next_pass = edited, 0.0
                    self._accept(lot)
                if time.monotonic() >= next_pass:
                    status = reconcile(localised(lot), self._site, self._world).status
                    spinner.update(f"waiting for {self._lines.waiting_for(status)}")
                    (spinner.stop if status.is_settled else spinner.start)()
                    self._show(status)
                    next_pass = time.monotonic() + (_WHEN_READY if status.is_settled else _WHILE_STARTING)

    def _show(self, status: LotStatus) -> None:
        self._lines.show(status)
        if status.is_settled and not self._announced:
            self._announced = True
            manifest = self._options.manifest
            self._console.print(f"\nOpen {status.gateway.url}", style="bold")
            self._console.print(f"Ctrl-C ends everything; edits of {manifest} take effect", style="dim")
            self._console.print(
                "elsewhere: parking status | parking logs -f | parking sessions --follow\n", style="dim"
            )
        if status.is_ready:
            self._first_sessions.show()

    def _accept(self, lot: ParkingLot) -> None:
        write_whole(self._folder.lot, json.dumps(lot.document()))

    def _edited(self, lot: ParkingLot) -> ParkingLot | None:
        """Give the lot of a changed manifest; a broken one is told and the old one stays in effect."""
        text = _text_of(self._options.manifest)
        if text is None or text == self._text:
            return None
        self._text = text
        try:
            edited = parse_manifest(text, self._options.manifest, engine=self._options.engine)
            refuse_impossible_edit(lot, edited)
            self._provide(edited)
        except ParkingError as error:
            self._console.print(f"the edit is not used, {lot.name} stays as it was: {error}", style="red")
            return None
        self._console.print(f"{self._options.manifest} was edited")
        metadata = edited.metadata.model_copy(update={"generation": lot.metadata.generation + 1})
        return edited.model_copy(update={"metadata": metadata})

    def _provide(self, lot: ParkingLot) -> None:
        """Make sure that all of a lot can run here, which may not have had all of it so far; raises ParkingError."""
        if wrong := checks.lot_problems(lot):
            raise ParkingError("\n".join(wrong))
        downloads.fetch(lot, self._console, own_broker=not self._options.kafka)

    def _end(self) -> None:
        """End everything, the brokers last and together; a second signal meanwhile ends it at once."""
        try:
            with self._console.status("ending"):
                self._world.stop()
                self._supervisor.end(self._brokers)
        except KeyboardInterrupt:
            self._console.print("ending at once")
        finally:
            self._supervisor.kill_all()
        self._console.print("everything has ended; data stays (`parking reset` forgets it)")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Take the first signal (also that of a terminal being closed) as a request, a second one as impatience."""

        def heard(_number: int, _frame: FrameType | None) -> None:
            if self._stop.is_set():
                raise KeyboardInterrupt
            self._stop.set()

        before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _text_of(path: Path) -> str | None:
    """Read the manifest; None in the moment in which an editor replaces it."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
