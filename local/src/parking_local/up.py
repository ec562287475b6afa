"""``parking up``: makes sure that a lot can run here, then has it kept up, in the foreground or not."""

import logging
import subprocess
import sys
import time
from dataclasses import replace
from logging.handlers import RotatingFileHandler

from rich.console import Console

from parking.errors import ParkingError
from parking_local import checks, downloads
from parking_local.folders import cache_folder, data_folder
from parking_local.keeper import Keeper
from parking_local.logs import MAX_BYTES
from parking_local.lot_folder import LotFolder
from parking_local.lots import brokers_of, read_manifest, refuse_impossible_edit
from parking_local.options import Options
from parking_local.processes import Supervisor
from parking_operator.status import LotStatus

_DETACHED_PATIENCE = 300.0


def up(options: Options, console: Console) -> None:
    """Run a lot until SIGINT or SIGTERM; raises ParkingError when it cannot start."""
    lot = read_manifest(options.manifest, engine=options.engine)
    options = replace(options, brokers=brokers_of(lot))
    folder = LotFolder(options.data or data_folder(lot.name))
    with folder.claim():
        _log_to(folder)
        if known := folder.read_lot():
            refuse_impossible_edit(known, lot)
        supervisor = Supervisor(folder)
        if left := supervisor.end_leftovers():
            console.print(f"ended what an earlier run left behind: {', '.join(left)}")
        folders = [folder.root, cache_folder()]
        if wrong := checks.problems(ports=options.ports, folders=folders, kafka=options.kafka, lot=lot):
            raise ParkingError("\n".join(wrong))
        # While nothing runs yet, so that Ctrl-C may come at any moment.
        downloads.fetch(lot, console, own_broker=not options.kafka)
        Keeper(options, folder, supervisor, console).run(lot)


def _log_to(folder: LotFolder) -> None:
    folder.logs.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder.log("up"), maxBytes=MAX_BYTES, backupCount=1)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(handlers=[handler], level=logging.INFO, format=form)


def up_detached(options: Options, console: Console) -> None:
    """Run a lot in the background and return once it is up; raises ParkingError when it does not come up."""
    lot = read_manifest(options.manifest, engine=options.engine)
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
