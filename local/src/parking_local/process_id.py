"""Which process is meant by a number that was written down: process numbers are used again."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

import psutil


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process, by its number and the time it was made (unix seconds)."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> Self:
        """Identify a process that exists."""
        return cls(pid, psutil.Process(pid).create_time())

    def find(self) -> psutil.Process | None:
        """Give the process if it still runs."""
        try:
            process = psutil.Process(self.pid)
            return process if self._is(process) and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def owns_its_number(self) -> bool:
        """Whether nobody else has the number: it still runs, or has ended and left it free or to its own session."""
        try:
            return self._is(psutil.Process(self.pid))
        except psutil.NoSuchProcess:
            return True

    def _is(self, process: psutil.Process) -> bool:
        return abs(process.create_time() - self.created) < 1


def session_members(leader: int) -> list[int]:
    """Living processes of the session that ``leader`` began, also when it has ended itself: all that it started."""
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):  # ended meanwhile, or not ours to ask about
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process.pid)
    return members


def kill_session(leader: int) -> None:
    """End a program and all it started, at once. Its number stays taken while any of them lives."""
    for pid in session_members(leader):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _wait(lambda: not session_members(leader), timeout=5)


def end_all(programs: Iterable[ProcessId], timeout: float) -> None:
    """Ask programs to end, wait for them together, and kill what is left of their sessions."""
    ours = [program for program in programs if program.owns_its_number()]
    for program in ours:
        if process := program.find():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
    _wait(lambda: not any(program.find() for program in ours), timeout)
    for program in ours:
        if process := program.find():
            process.kill()
        kill_session(program.pid)


def _wait(done: Callable[[], bool], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)
