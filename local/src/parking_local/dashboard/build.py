"""What a build of the dashboard is made of, and npm, which makes it.

It is in this package because this one knows how to find programs on a machine; no program needs it to run.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from filelock import FileLock

from parking.errors import ParkingError
from parking_local.folders import cache_folder
from parking_local.toolchain.node import Node

_NOTE = ".built"
_UNBUILT = {"node_modules", "dist", "generated", ".vite"}
_TOLD_OF_A_FAILURE = 4_000


@dataclass(frozen=True, slots=True)
class Checkout:
    """The folders of a checkout that a build has to do with."""

    root: Path

    @classmethod
    def here(cls) -> Self:
        """Give the checkout that this module is part of; raises ParkingError outside of one."""
        root = Path(__file__).parents[4]
        if not (root / "dashboard" / "package-lock.json").exists():
            raise ParkingError("the dashboard is built in a checkout of the sources, and this is none")
        return cls(root)

    @property
    def sources(self) -> Path:
        """The dashboard's own sources."""
        return self.root / "dashboard"

    @property
    def built(self) -> Path:
        """Where the gateway looks for the build."""
        return self.root / "api" / "src" / "parking_api" / "dashboard"

    def digest(self) -> str:
        """Name all that the build is made of by its content."""
        return _digest([*_files(self.sources), *_files(self.root / "api" / "schemas")], self.root)


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process builds or installs packages: two would take each other's files away."""
    lock = cache_folder() / "dashboard.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        yield


def is_built(checkout: Checkout) -> bool:
    """Whether the build there is one of these sources."""
    note = checkout.built / _NOTE
    return note.exists() and note.read_text() == checkout.digest()


def build(checkout: Checkout, node: Node) -> None:
    """Build the dashboard; raises ParkingError."""
    digest = checkout.digest()
    install(checkout, node)
    fresh = checkout.built.with_name("dashboard.new")
    quietly(checkout, node, "run", "build", out=fresh)
    (fresh / _NOTE).write_text(digest)
    # Whoever looks meanwhile sees the old build, none for a moment, or the new one: never half of one.
    shutil.rmtree(checkout.built, ignore_errors=True)
    fresh.replace(checkout.built)


def install(checkout: Checkout, node: Node) -> None:
    """Install the packages of the lock file, unless they are there; raises ParkingError."""
    locked = _digest([checkout.sources / "package-lock.json"], checkout.root)
    note = checkout.sources / "node_modules" / ".locked"
    if note.exists() and note.read_text() == locked:
        return
    quietly(checkout, node, "ci", "--no-audit", "--no-fund")
    note.write_text(locked)


def npm(checkout: Checkout, node: Node, *arguments: str) -> int:
    """Run npm in the dashboard's folder and give its exit code."""
    return subprocess.run([*node.npm, *arguments], cwd=checkout.sources, env=_environment(node), check=False).returncode


def quietly(checkout: Checkout, node: Node, *arguments: str, out: Path | None = None) -> None:
    """Run npm and raise ParkingError with the end of what it said if it fails."""
    environment = _environment(node) | ({"DASHBOARD_OUT": str(out)} if out else {})
    command = [*node.npm, *arguments]
    ran = subprocess.run(command, cwd=checkout.sources, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        told = (ran.stdout + ran.stderr)[-_TOLD_OF_A_FAILURE:]
        raise ParkingError(f"npm {' '.join(arguments)} failed in {checkout.sources}:\n{told}")


def _environment(node: Node) -> dict[str, str]:
    """Let what npm starts find the same node."""
    return os.environ | {"PATH": f"{Path(node.node[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def _files(folder: Path) -> Iterable[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _UNBUILT]
        yield from (Path(parent, name) for name in names)


def _digest(files: Iterable[Path], root: Path) -> str:
    named = {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return hashlib.sha256(repr(sorted(named.items())).encode()).hexdigest()
