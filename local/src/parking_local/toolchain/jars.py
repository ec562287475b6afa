"""The jars the platform runs on: pinned in jars.toml, verified, and kept in the user's cache.

A set lives in a folder named by its pins and moved into place when complete, so a folder that exists is complete:
a second start touches no network, and changed pins never meet old jars.
"""

import hashlib
import logging
import shutil
import tomllib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from filelock import FileLock

from parking.errors import ParkingError
from parking_local.folders import cache_folder
from parking_local.toolchain import maven

LOG = logging.getLogger(__name__)

Notify = Callable[[str, int, int], None]
"""Hears the name of a jar that arrived, how many of the set have, and how many there are."""


@dataclass(frozen=True, slots=True)
class JarSet:
    """Jars used together: sha256 by ``organisation:name:version``, with a fourth part if a jar has a classifier."""

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
    """Bring what is missing: a jar that arrived and was verified is not asked for again after an interruption."""
    partial, arriving = jars.folder.with_suffix(".partial"), jars.folder.with_suffix(".arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    partial.mkdir(exist_ok=True)
    missing = [coordinate for coordinate in jars.pins if not (partial / _file_name(coordinate)).is_file()]
    with closing(maven.download(missing, arriving)) as downloads:
        for done, (coordinate, path) in enumerate(downloads, len(jars.pins) - len(missing) + 1):
            _verify(path, jars.pins[coordinate])
            path.rename(partial / _file_name(coordinate))
            notify(" ".join(coordinate.split(":")[1:]), done, len(jars.pins))
    partial.rename(jars.folder)
    shutil.rmtree(arriving, ignore_errors=True)


def _file_name(coordinate: str) -> str:
    return "-".join(coordinate.split(":")[1:]) + ".jar"


def _verify(jar: Path, pin: str) -> None:
    if hashlib.sha256(jar.read_bytes()).hexdigest() != pin:
        source = maven.repository() or "Maven Central"
        raise ParkingError(f"checksum of {jar.name} from {source} is not the one pinned; not used")
