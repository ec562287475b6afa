"""``parking up``: makes sure that a lot can run here, then has it kept up, in the foreground or not."""

import logging
import subprocess
import sys
import time
from logging.handlers import RotatingFileHandler

from rich.console import Console

from parking.errors import ParkingError
from parking_local import checks
from parking_local.display import download_progress
from parking_local.folders import cache_folder, data_folder
from parking_local.keeper import Keeper
from parking_local.logs import MAX_BYTES
from parking_local.lot_folder import LotFolder
from parking_local.lots import read_manifest, refuse_impossible_edit
from parking_local.options import Options
from parking_local.processes import Supervisor
from parking_local.toolchain import jars
from parking_operator.status import LotStatus

_DETACHED_PATIENCE = 300.0


def up(options: Options, console: Console) -> None:
    """Run a lot until SIGINT or SIGTERM; raises ParkingError when it cannot start."""
    lot = read_manifest(options.manifest)
    folder = LotFolder(options.data or data_folder(lot.name))
    with folder.claim():
        _log_to(folder)
        if known := folder.read_lot():
            refuse_impossible_edit(known, lot)
        supervisor = Supervisor(folder)
        if left := supervisor.end_leftovers():
            console.print(f"ended what an earlier run left behind: {', '.join(left)}")
        if wrong := checks.problems(ports=options.ports, folders=[folder.root, cache_folder()], kafka=options.kafka):
            raise ParkingError("\n".join(wrong))
        _fetch_jars(options, console)
        Keeper(options, folder, supervisor, console).run(lot)


def _log_to(folder: LotFolder) -> None:
    folder.logs.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder.log("up"), maxBytes=MAX_BYTES, backupCount=1)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(handlers=[handler], level=logging.INFO, format=form)


def _fetch_jars(options: Options, console: Console) -> None:
    """Download what is missing while nothing runs yet, so that Ctrl-C may come at any moment."""
    for name in ("spark-kafka",) if options.kafka else ("kafka-broker", "spark-kafka"):
        with download_progress(console) as notify:
            jars.resolve(jars.pinned(name), notify=notify)


def up_detached(options: Options, console: Console) -> None:
    """Run a lot in the background and return once it is up; raises ParkingError when it does not come up."""
    lot = read_manifest(options.manifest)
    folder = LotFolder(options.data or data_folder(lot.name))
    folder.refuse_when_up()
    folder.logs.mkdir(parents=True, exist_ok=True)
    output = folder.logs / "up.out"
    with output.open("wb") as file:
        argv = [sys.executable, "-m", "parking_local", "up", *options.argv()]
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True)
    deadline = time.monotonic() + _DETACHED_PATIENCE
    with console.status("starting"):
        while not (status := _settled_status(folder, process.pid)):
            if process.poll() is not None:
                raise ParkingError(output.read_text(errors="replace").strip().removeprefix("parking: "))
            if time.monotonic() > deadline:
                raise ParkingError(f"not up after {_DETACHED_PATIENCE:.0f} s, still trying: see `parking status`")
            time.sleep(0.3)
    console.print(f"{lot.name} is up: {status.gateway.url}   (`parking status`, `parking logs`, `parking down`)")


def _settled_status(folder: LotFolder, pid: int) -> LotStatus | None:
    """Give the status that process ``pid`` has reported, once nothing is on its way any more."""
    running = folder.running_up()
    status = folder.read_status() if running and running.pid == pid else None
    return status if status and status.is_settled else None
