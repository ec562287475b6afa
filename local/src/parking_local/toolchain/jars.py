"""The jars the platform runs on: pinned in jars.toml, verified, and kept in the user's cache.

A set lives in a folder named by its pins and moved into place when complete, so a folder that exists is complete:
a second start touches no network, and changed pins never meet old jars.
"""

import hashlib
import logging
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from filelock import FileLock

from parking.errors import ParkingError
from parking_local.folders import cache_folder
from parking_local.toolchain import ivy

LOG = logging.getLogger(__name__)

Notify = Callable[[str, int, int], None]
"""Hears the name of a jar that arrived, how many of the set have, and how many there are."""


@dataclass(frozen=True, slots=True)
class JarSet:
    """Jars used together: sha256 by ``organisation:name:version``."""

    name: str
    pins: dict[str, str]

    @property
    def folder(self) -> Path:
        """Where the complete set is kept."""
        digest = hashlib.sha256("\n".join(f"{jar} {pin}" for jar, pin in sorted(self.pins.items())).encode())
        return cache_folder() / "jars" / f"{self.name}-{digest.hexdigest()[:12]}"


def pinned(name: str) -> JarSet:
    """Read a set ("kafka-broker", "spark-kafka") from jars.toml."""
    text = resources.files("parking_local.toolchain").joinpath("jars.toml").read_text()
    return JarSet(name, tomllib.loads(text)[name])


def _log_arrival(jar: str, done: int, total: int) -> None:
    LOG.info("downloaded %s (%d of %d)", jar, done, total)


def resolve(jars: JarSet, *, notify: Notify = _log_arrival) -> list[Path]:
    """Give the paths of a set's jars, downloading them first if need be; raises ParkingError."""
    if not jars.folder.is_dir():
        jars.folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(jars.folder.parent / ".lock"):
            if not jars.folder.is_dir():
                _download(jars, notify)
    return sorted(jars.folder.iterdir())


def _download(jars: JarSet, notify: Notify) -> None:
    partial, work = jars.folder.with_suffix(".partial"), jars.folder.with_suffix(".ivy")
    shutil.rmtree(partial, ignore_errors=True)
    arrived = len(list(work.rglob("*.jar")))

    def count(jar: str) -> None:
        nonlocal arrived
        arrived += 1
        notify(jar, arrived, len(jars.pins))

    ivy.download(jars.pins, partial, work=work, notify=count)
    if wrong := _mismatches(jars, partial):
        shutil.rmtree(work)
        raise ParkingError(
            f"checksum of {', '.join(wrong)} from {ivy.repository() or 'Maven Central'} is not the one pinned; not used"
        )
    partial.rename(jars.folder)
    shutil.rmtree(work)


def _mismatches(jars: JarSet, folder: Path) -> list[str]:
    """Name the jars in ``folder`` that are missing or are not what was pinned."""
    wrong = []
    for coordinate, pin in jars.pins.items():
        _, name, version = coordinate.split(":")
        path = folder / f"{name}-{version}.jar"
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != pin:
            wrong.append(path.name)
    return wrong
