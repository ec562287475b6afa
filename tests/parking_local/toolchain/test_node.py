import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking_local.toolchain import node as module
from parking_local.toolchain.node import find_node


@pytest.fixture(autouse=True)
def nothing_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PARKING_CACHE", str(tmp_path / "cache"))
    find_node.cache_clear()
    yield
    find_node.cache_clear()


def only(folder: Path, monkeypatch: pytest.MonkeyPatch, *, version: str | None, npm: bool = True) -> None:
    """Make a PATH that holds nothing but a node of this version, and npm."""
    for name, script in (("node", f"echo {version}" if version else "exit 1"), ("npm", "exit 0")):
        if name == "node" or npm:
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)


@pytest.mark.parametrize("version", ["v20.19.0", "v22.1.0", "v24.11.1"])
def test_the_systems_node_comes_first(tmp_path, monkeypatch, version):
    only(tmp_path, monkeypatch, version=version)
    found = find_node()
    assert (found.node, found.npm) == ((str(tmp_path / "node"),), (str(tmp_path / "npm"),))


@pytest.mark.parametrize(("version", "npm"), [("v20.18.3", True), ("v9.0.0", True), (None, True), ("v22.1.0", False)])
def test_one_that_is_too_old_broken_or_without_npm_is_none(tmp_path, monkeypatch, version, npm):
    only(tmp_path, monkeypatch, version=version, npm=npm)
    without_wheel(monkeypatch)
    with pytest.raises(ParkingError, match=r"no Node 20\.19 or newer found: put node and npm on PATH, or `pip install"):
        find_node()


def test_the_wheels_node_does_where_the_system_has_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_node()
    assert Path(found.node[0]).parent == Path(found.npm[0]).parent
    for command in (found.node, found.npm):
        assert subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout


def test_scripts_that_start_the_wheels_npm_find_it(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_of_the_system", lambda: None)
    found = find_node()
    scripts = {"outer": "npm run inner --silent", "inner": "node -p 6*7"}
    (tmp_path / "package.json").write_text(json.dumps({"scripts": scripts}))
    monkeypatch.setenv("PATH", f"{Path(found.node[0]).parent}:{os.defpath}")
    asked = [*found.npm, "run", "outer", "--silent"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("42", 0), done.stderr
