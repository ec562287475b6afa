import json
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from parking.errors import ParkingError
from parking_local.dashboard.build import Checkout, alone, build, install, is_built
from parking_local.toolchain.node import Node

NPM = """#!/bin/sh
# Notes what it was asked for, and builds.
echo "$*" >> asked
case "$*" in
  ci*) mkdir -p node_modules ;;
  "run build") test ! -e broken || { echo "no such module"; exit 1; }
    mkdir -p "$DASHBOARD_OUT" && cp index.html "$DASHBOARD_OUT" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    for name, text in (
        ("dashboard/package-lock.json", "{}"),
        ("dashboard/index.html", "first"),
        ("dashboard/src/app.ts", "1"),
        ("api/schemas/openapi.json", "{}"),
        ("api/src/parking_api/app.py", ""),
        ("npm", NPM),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "npm").chmod(0o755)
    return Checkout(tmp_path)


@pytest.fixture
def node(checkout: Checkout) -> Node:
    return Node(("node",), (str(checkout.root / "npm"),))


def asked(checkout: Checkout) -> list[str]:
    """What npm was asked for since the last time."""
    note = checkout.root / "dashboard" / "asked"
    words = note.read_text().splitlines() if note.exists() else []
    note.unlink(missing_ok=True)
    return [line.split(" --")[0] for line in words]


def test_a_build_is_made_of_its_sources_and_the_gateways_interfaces(checkout, node):
    assert not is_built(checkout)
    build(checkout, node)
    assert asked(checkout) == ["ci", "run build"]
    assert is_built(checkout)
    assert (checkout.built / "index.html").read_text() == "first"
    for changed in ("dashboard/src/app.ts", "dashboard/index.html", "api/schemas/openapi.json"):
        (checkout.root / changed).write_text(json.dumps(changed))
        assert not is_built(checkout), changed
        build(checkout, node)
        assert asked(checkout) == ["run build"], "packages are installed already"
        assert is_built(checkout)
    assert (checkout.built / "index.html").read_text() == '"dashboard/index.html"'


@pytest.mark.parametrize("made", ["node_modules/x.js", "dist/x.js", "src/wire/generated/x.ts"])
def test_what_is_made_of_sources_is_no_source(checkout, node, made):
    build(checkout, node)
    path = checkout.sources / made
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("made")
    asked(checkout)
    assert is_built(checkout)


def test_other_packages_are_installed_anew(checkout, node):
    install(checkout, node)
    install(checkout, node)
    assert asked(checkout) == ["ci"]
    (checkout.sources / "package-lock.json").write_text('{"other": 1}')
    install(checkout, node)
    assert asked(checkout) == ["ci"]


def test_a_failure_is_told_and_leaves_the_build_there_was(checkout, node):
    build(checkout, node)
    (checkout.sources / "broken").touch()
    with pytest.raises(ParkingError, match=r"npm run build failed in .*dashboard:\nno such module"):
        build(checkout, node)
    assert (checkout.built / "index.html").read_text() == "first"
    assert not is_built(checkout)


def test_two_at_a_time_wait_for_each_other(tmp_path, monkeypatch):
    monkeypatch.setenv("PARKING_CACHE", str(tmp_path / "cache"))
    with alone(), pytest.raises(Timeout):
        FileLock(tmp_path / "cache" / "dashboard.lock", timeout=0).acquire()
    with alone():
        pass


def test_this_is_a_checkout_with_a_dashboard():
    assert (Checkout.here().sources / "package.json").exists()
