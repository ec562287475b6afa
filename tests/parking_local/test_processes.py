"""The supervisor, with real programs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from parking_local import processes
from parking_local.lot_folder import LotFolder
from parking_local.process_id import ProcessId, session_members
from parking_local.processes import Program, Supervisor, pause_before_restart
from tests.support import stand_in

STAND_IN = (sys.executable, str(Path(stand_in.__file__)))


@pytest.fixture
def folder(tmp_path: Path) -> LotFolder:
    return LotFolder(tmp_path)


@pytest.fixture
def supervisor(folder: LotFolder) -> Iterator[Supervisor]:
    running = Supervisor(folder)
    yield running
    running.kill_all()


def program(name: str, *options: str, revision: str = "") -> Program:
    return Program(name=name, argv=(*STAND_IN, *options), revision=revision)


def wait_until(true: Callable[[], object], timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline, "still not so"
        time.sleep(0.02)


def log(folder: LotFolder, name: str) -> str:
    path = folder.log(name)
    return path.read_text() if path.exists() else ""


def recorded(folder: LotFolder) -> dict[str, int]:
    return {entry["name"]: entry["pid"] for entry in json.loads(folder.processes.read_text())}


def test_an_end_in_order(supervisor: Supervisor, folder: LotFolder) -> None:
    supervisor.ensure(program("one"))
    wait_until(lambda: "started" in log(folder, "one"))
    pid = recorded(folder)["one"]
    supervisor.end(["one"])
    assert "ended in order" in log(folder, "one")
    assert recorded(folder) == {}
    assert not psutil.pid_exists(pid)


def test_the_same_program_is_left_alone_and_another_replaces_it(supervisor: Supervisor, folder: LotFolder) -> None:
    supervisor.ensure(program("one"))
    first = recorded(folder)["one"]
    supervisor.ensure(program("one"))
    assert recorded(folder)["one"] == first
    supervisor.ensure(program("one", revision="2"))
    assert recorded(folder)["one"] != first


def test_a_deaf_program_and_its_family_are_killed(
    supervisor: Supervisor, folder: LotFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_TIMEOUT", 0.2)
    supervisor.ensure(program("deaf", "--deaf", "--family"))
    wait_until(lambda: log(folder, "deaf").count("started") == 2)
    leader = recorded(folder)["deaf"]
    assert len(session_members(leader)) == 2
    supervisor.end(["deaf"])
    assert session_members(leader) == []


def test_a_crash_is_told_and_restarted_with_growing_pauses(
    supervisor: Supervisor, folder: LotFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "pause_before_restart", lambda failures: 0.01 * failures)
    supervisor.ensure(program("weak", "--exit", "3"))
    wait_until(lambda: supervisor.tick() or log(folder, "weak").count("asked to end") >= 3)
    assert supervisor.error("weak") == "ended with code 3: RuntimeError: asked to end"


def test_a_killed_program_comes_back(
    supervisor: Supervisor, folder: LotFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "pause_before_restart", lambda _failures: 0.05)
    supervisor.ensure(program("one", "--family"))
    wait_until(lambda: log(folder, "one").count("started") == 2)
    first = recorded(folder)["one"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: supervisor.tick() or not supervisor.is_running("one"))
    wait_until(lambda: supervisor.tick() or supervisor.is_running("one"))
    assert recorded(folder)["one"] != first
    assert session_members(first) == [], "what it had started is gone too"
    assert supervisor.error("one").startswith("was killed by signal 9")


def test_pauses_double_up_to_a_minute() -> None:
    assert [pause_before_restart(n) for n in (1, 2, 3, 6, 7, 10_000)] == [1, 2, 4, 32, 60, 60]


def test_a_program_that_cannot_be_started_is_told(supervisor: Supervisor) -> None:
    supervisor.ensure(Program(name="none", argv=("/nowhere/program",)))
    assert supervisor.error("none") == "/nowhere/program cannot be started: No such file or directory"
    assert not supervisor.is_running("none")


def test_a_killed_supervisor_leaves_nothing_behind_for_long(folder: LotFolder) -> None:
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from parking_local.lot_folder import LotFolder\nfrom parking_local.processes import Program, Supervisor\n"
        f"keeper = Supervisor(LotFolder(Path({str(folder.root)!r})))\n"
        f"for name, more in (('one', ()), ('two', ('--family',))):\n"
        f"    keeper.ensure(Program(name=name, argv={STAND_IN!r} + more))\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as keeper:
        wait_until(lambda: log(folder, "one").count("started") == 1 and log(folder, "two").count("started") == 2)
        keeper.kill()
    left = recorded(folder)
    assert all(psutil.pid_exists(pid) for pid in left.values())
    assert Supervisor(folder).end_leftovers() == ["two", "one"]
    assert not any(session_members(pid) for pid in left.values())
    assert "ended in order" in log(folder, "one")
    assert Supervisor(folder).end_leftovers() == []


def test_a_number_that_now_means_another_process_is_left_alone(folder: LotFolder) -> None:
    with subprocess.Popen([*STAND_IN], start_new_session=True) as stranger:
        folder.processes.write_text(json.dumps([{"name": "old", "pid": stranger.pid, "created": 1.0}]))
        assert Supervisor(folder).end_leftovers() == []
        assert ProcessId.of(stranger.pid).find()
        stranger.kill()


def test_a_large_log_is_rotated_under_its_writer(supervisor: Supervisor, folder: LotFolder) -> None:
    supervisor.ensure(program("one"))
    wait_until(lambda: "started" in log(folder, "one"))
    with folder.log("one").open("ab") as file:
        file.write(b"x" * 11 * 1024 * 1024)
    supervisor.tick()
    supervisor.end(["one"])
    assert log(folder, "one") == "ended in order\n"
    assert (folder.logs / "one.log.1").stat().st_size > 11 * 1024 * 1024
