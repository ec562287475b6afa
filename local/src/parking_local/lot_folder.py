"""The folder of one lot on this machine: what lies where, and whether a ``parking up`` is at work in it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import ValidationError

from parking.errors import ParkingError
from parking.lot import ParkingLot
from parking_local.folders import data_folder
from parking_local.process_id import ProcessId
from parking_operator.status import LotStatus


def write_whole(path: Path, text: str) -> None:
    """Write a file so that readers see the old content or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(path)


@dataclass(frozen=True, slots=True)
class LotFolder:
    """A lot's files."""

    root: Path

    @property
    def broker(self) -> Path:
        """Data of the lot's own broker."""
        return self.root / "kafka"

    @property
    def logs(self) -> Path:
        """Logs, one file per program."""
        return self.root / "logs"

    @property
    def config(self) -> Path:
        """Documents of the programs."""
        return self.root / "config"

    @property
    def processes(self) -> Path:
        """Record of the programs started."""
        return self.root / "processes.json"

    @property
    def status(self) -> Path:
        """The lot's status as last reported."""
        return self.root / "status.json"

    @property
    def lot(self) -> Path:
        """The manifest that was last put into effect."""
        return self.root / "lot.json"

    def storage(self, kafka: str | None) -> Path:
        """Folder for checkpoints. They hold offsets, so each foreign broker (``kafka``) has one of its own."""
        return self.root / "storage" / (kafka or "own-broker").replace(":", "_").replace(",", "+")

    def log(self, program: str) -> Path:
        """Log of one program."""
        return self.logs / f"{program}.log"

    def read(self, path: Path) -> Any:
        """Read one of the JSON files; None when there is none yet."""
        try:
            return json.loads(path.read_text())
        except FileNotFoundError:
            return None

    def read_status(self) -> LotStatus | None:
        """Read the status that the ``parking up`` at work here has reported."""
        told = self.read(self.status)
        return LotStatus.model_validate(told) if told else None

    def read_lot(self) -> ParkingLot | None:
        """Read the manifest that was last put into effect; None also for one of a version with other fields."""
        try:
            return ParkingLot.model_validate(self.read(self.lot))
        except ValidationError:
            return None

    def claim(self) -> FileLock:
        """Take the folder for this process until it ends, in whatever way; raises ParkingError if it is taken."""
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / "up.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self.refuse_when_up()
            raise ParkingError(f"{self.root.name} is just being started by another `parking up`") from None
        mine = ProcessId.of(os.getpid())
        self.status.unlink(missing_ok=True)
        write_whole(self.root / "up.json", json.dumps({"pid": mine.pid, "created": mine.created}))
        return lock

    def refuse_when_up(self) -> None:
        """Raise ParkingError when a ``parking up`` is at work here."""
        if holder := self.running_up():
            raise ParkingError(f"{self.root.name} is already up (process {holder.pid}); `parking down` ends it")

    def running_up(self) -> ProcessId | None:
        """The ``parking up`` that is at work here, if any."""
        told = self.read(self.root / "up.json")
        identity = ProcessId(**told) if told else None
        return identity if identity and identity.find() else None


def find_folder(lot: str | None, data: Path | None) -> LotFolder:
    """Find the folder that a command means: the one named, else the only one there is, else the only one that is up."""
    if data:
        return LotFolder(data)
    if lot:
        return LotFolder(data_folder(lot))
    known = [LotFolder(path.parent) for path in sorted(data_folder("*").parent.glob("*/lot.json"))]
    if len(known) > 1:
        known = [folder for folder in known if folder.running_up()] or known
    if len(known) == 1:
        return known[0]
    names = ", ".join(folder.root.name for folder in known)
    raise ParkingError(
        f"which lot? give --lot with one of {names}" if known else "no lot has been up yet on this machine"
    )
