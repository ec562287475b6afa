"""Node for tests, and JavaScript projects of theirs."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking_local.folders import cache_folder
from parking_local.toolchain.node import find_node


def node_and_npm() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the commands of node and npm; without any Node the calling test is skipped, but not in CI."""
    try:
        found = find_node()
    except ParkingError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    return found.node, found.npm


def installed(project: Path) -> Path:
    """Give a copy of a JavaScript project with the packages of its lock file, made once for each lock file."""
    locked = hashlib.sha256((project / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache_folder() / "javascript" / f"{project.name}-{locked}"
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(project / name, folder)
        _, npm = node_and_npm()
        subprocess.run([*npm, "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=240)
        (folder / "installed").touch()
    for script in project.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder
