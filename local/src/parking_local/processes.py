"""Keeps programs running: starts them, restarts what crashes, ends them, and finds them again when it crashed itself.

Each program leads a session of its own, so that Ctrl-C in the terminal reaches only us, and whatever it starts can be
found again. Nothing happens between two calls of ``tick``: there are no threads here.
"""

import json
import logging
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from parking_local.logs import complaint, rotate
from parking_local.lot_folder import LotFolder, write_whole
from parking_local.process_id import ProcessId, end_all, kill_session

LOG = logging.getLogger(__name__)

STABLE_SECONDS = 60.0
LONGEST_PAUSE = 60.0
STOP_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run. Two that differ in anything, be it only the ``revision``, are different programs."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    probe_url: str | None = None
    revision: str = ""


@dataclass(slots=True)
class _Child:
    """A program and how it fares; ``process`` is None while it waits to be restarted."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    identity: ProcessId | None = None
    started: float = 0.0
    failures: int = 0
    restart_at: float = 0.0
    error: str = ""


def pause_before_restart(failures: int) -> float:
    """Seconds to wait after the n-th crash in a row: 1, 2, 4, … at most a minute."""
    return min(2.0 ** min(failures - 1, 10), LONGEST_PAUSE)


class Supervisor:
    """Runs the programs of one lot."""

    def __init__(self, folder: LotFolder) -> None:
        self._folder = folder
        self._children: dict[str, _Child] = {}

    def ensure(self, program: Program) -> None:
        """Run this program; another one of its name is ended first."""
        child = self._children.get(program.name)
        if child and child.program == program:
            return
        if child:
            self.end([program.name])
        self._children[program.name] = _Child(program)
        self._start(self._children[program.name])

    def end(self, names: Iterable[str]) -> None:
        """End programs together and forget them."""
        ending = [child for name in names if (child := self._children.get(name))]
        end_all([child.identity for child in ending if child.identity], STOP_TIMEOUT)
        for child in ending:
            if child.process:
                child.process.wait()
            del self._children[child.program.name]
        self._record()

    def kill_all(self) -> None:
        """End everything at once."""
        for child in self._children.values():
            if child.process:
                kill_session(child.process.pid)
                child.process.wait()
        self._children.clear()
        self._record()

    def tick(self) -> None:
        """Look after every program: notice ends, restart what is due, keep logs small."""
        now = time.monotonic()
        for child in self._children.values():
            if child.process and child.process.poll() is not None:
                self._note_end(child)
            elif child.process is None and now >= child.restart_at:
                self._start(child)
            rotate(self._folder.log(child.program.name))

    def is_running(self, name: str) -> bool:
        """Whether a program runs right now."""
        child = self._children.get(name)
        return bool(child and child.process and child.process.poll() is None)

    def error(self, name: str) -> str:
        """How a program ended last; empty when it never did, or has been stable since."""
        child = self._children[name]
        stable = child.process and time.monotonic() - child.started > STABLE_SECONDS
        return "" if stable else child.error

    def end_leftovers(self) -> list[str]:
        """End what a supervisor that was killed left running here, last started first; gives the names."""
        recorded = self._folder.read(self._folder.processes) or []
        found = []
        for entry in reversed(recorded):
            identity = ProcessId(entry["pid"], entry["created"])
            if identity.find():
                found.append(entry["name"])
            end_all([identity], STOP_TIMEOUT)
        self._record()
        return found

    def _start(self, child: _Child) -> None:
        program = child.program
        log = self._folder.log(program.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        child.started = time.monotonic()
        with log.open("ab") as output:
            try:
                child.process = subprocess.Popen(
                    program.argv,
                    env={**os.environ, **program.env},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            except OSError as error:
                _note_failure(child, f"{program.argv[0]} cannot be started: {error.strerror}")
                return
        child.identity = ProcessId.of(child.process.pid)
        self._record()

    def _note_end(self, child: _Child) -> None:
        assert child.process
        code = child.process.returncode
        kill_session(child.process.pid)
        child.process = child.identity = None
        how = f"ended with code {code}" if code >= 0 else f"was killed by signal {-code}"
        _note_failure(child, f"{how}: {complaint(self._folder.log(child.program.name))}")
        self._record()

    def _record(self) -> None:
        """Write down what runs, in the order of starting, for whoever comes after us."""
        entries = [
            {"name": name, "pid": child.identity.pid, "created": child.identity.created}
            for name, child in self._children.items()
            if child.identity
        ]
        write_whole(self._folder.processes, json.dumps(entries))


def _note_failure(child: _Child, error: str) -> None:
    """Plan the next start; a program that had been stable begins a new row of failures."""
    now = time.monotonic()
    child.error = error
    child.failures = 1 if now - child.started > STABLE_SECONDS else child.failures + 1
    child.restart_at = now + pause_before_restart(child.failures)
    LOG.warning("%s: %s; it starts again in %.0f s", child.program.name, error, child.restart_at - now)
