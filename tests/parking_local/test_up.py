"""``parking up`` as a newcomer runs it: everything real, in a folder of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parking_local.lot_folder import LotFolder
from parking_local.ports import free_port
from parking_local.process_id import ProcessId, session_members
from parking_local.processes import Supervisor

pytestmark = pytest.mark.e2e

LOT = (
    "apiVersion: parking.dev/v1alpha1\nkind: ParkingLot\nmetadata: {name: central}\nspec:\n"
    "  layout: {rows: {A: 20}}\n  cameras: {count: 2, camerasPerPod: 2, exitInterval: 5s}\n"
    "  sessions: {engine: Embedded}\n  kafka: {partitions: 1}\n"
)


class Terminal:
    """A ``parking up`` without a terminal, as in CI."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.manifest = folder / "lot.yaml"
        self.lot = LotFolder(folder / "data")
        self.options = [*options, "--data", str(self.lot.root)]
        self._log = folder / "terminal.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        self._log.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "parking_local", "up", str(self.manifest), *self.options]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log, env={**os.environ, "PYTHONSAFEPATH": "1"})

    @property
    def screen(self) -> str:
        return self._log.read_text()

    @property
    def pids(self) -> dict[str, int]:
        return {entry["name"]: entry["pid"] for entry in self.lot.read(self.lot.processes) or []}

    def wait(self, true: Callable[[], object], timeout: float = 180) -> None:
        deadline = time.monotonic() + timeout
        while not true():
            assert self.process
            assert self.process.poll() is None, self.screen
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.2)

    def end(self, how: signal.Signals) -> int:
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(90)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    running = Terminal(tmp_path, "--port", str(free_port()), "--kafka-port", str(free_port()))
    running.manifest.write_text(LOT)
    yield running
    if running.process and running.process.poll() is None:
        running.end(signal.SIGKILL)
    Supervisor(running.lot).end_leftovers()


def test_a_lot_lives_is_edited_crashes_recovers_and_ends(terminal: Terminal) -> None:
    terminal.up()
    terminal.wait(lambda: re.search(r"^A\d+ +\S+ +(ACTIVE|CLOSED)", terminal.screen, re.MULTILINE))
    assert "Open http://localhost:" in terminal.screen
    before = terminal.pids
    assert list(before) == ["broker", "gateway", "sessions-1", "cameras-1"]

    terminal.manifest.write_text(LOT.replace("count: 2,", "count: 3,"))
    terminal.wait(lambda: "cameras-2" in terminal.pids)
    assert terminal.pids["sessions-1"] == before["sessions-1"], "the job keeps running"

    terminal.manifest.write_text(LOT.replace("count: 2,", "count: 300,"))
    terminal.wait(lambda: "at most one camera per bay" in terminal.screen)
    assert "cameras-2" in terminal.pids, "the old one stays in effect"

    left = terminal.pids
    terminal.end(signal.SIGKILL)
    assert all(session_members(pid) for pid in left.values()), "nobody was there to end them"

    terminal.manifest.write_text(LOT)
    terminal.up()
    terminal.wait(lambda: "Open http://localhost:" in terminal.screen)
    assert "ended what an earlier run left behind" in terminal.screen
    assert not any(session_members(pid) for pid in left.values())

    now = [ProcessId.of(pid) for pid in terminal.pids.values()]
    assert terminal.end(signal.SIGTERM) == 0, terminal.screen
    assert "everything has ended" in terminal.screen
    assert not any(process.find() or session_members(process.pid) for process in now)
    assert terminal.pids == {}


def test_a_detached_lot_is_ended_by_down(terminal: Terminal) -> None:
    terminal.manifest.write_text(LOT + "  suspend: true\n")
    parking = [sys.executable, "-m", "parking_local"]
    up = subprocess.run(
        [*parking, "up", str(terminal.manifest), "-d", *terminal.options], check=False, capture_output=True
    )
    assert up.returncode == 0, up.stderr
    assert b"central is up: http://localhost:" in up.stdout
    assert set(terminal.pids) == {"broker", "gateway"}
    again = subprocess.run(
        [*parking, "up", str(terminal.manifest), *terminal.options], check=False, capture_output=True
    )
    assert (again.returncode, b"is already up" in again.stderr) == (2, True)
    down = subprocess.run([*parking, "down", "--data", str(terminal.lot.root)], check=False, capture_output=True)
    assert (down.returncode, terminal.pids) == (0, {}), down.stderr
    assert terminal.lot.running_up() is None
