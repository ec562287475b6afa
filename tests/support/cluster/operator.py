"""The operator as a process of its own, as it runs in a cluster: with the rights that its chart gives it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Self

from parking_local.ports import free_port
from tests.support.cluster.waiting import eventually

ROOT = Path(__file__).parents[3]


class OperatorProcess:
    """``python -m parking_operator run``. Its log is kept for when a test fails."""

    def __init__(self, kubeconfig: Path, folder: Path, *options: str, audit_seconds: float = 2) -> None:
        self._kubeconfig = kubeconfig
        self._log = folder / "operator.log"
        self._port = free_port()
        own = ("--probe-port", str(self._port), "--audit-seconds", str(audit_seconds), "--resync-seconds", "3600")
        self._argv = (sys.executable, "-m", "parking_operator", "run", *options, *own)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, env: Mapping[str, str] | None = None) -> None:
        """Start it, without waiting."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv,
                env={**os.environ, "KUBECONFIG": str(self._kubeconfig), "PYTHONSAFEPATH": "1", **(env or {})},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @contextmanager
    def at_work(self) -> Iterator[Self]:
        """Run it for a while; an AssertionError with its log when it ended meanwhile."""
        self.start()
        try:
            self.wait_until_ready()
            yield self
            assert self.is_running(), self.log[-3000:]
        finally:
            self.stop()

    def wait_until_ready(self, *, timeout: float = 60) -> None:
        """Wait until it says that it is at work; an AssertionError with its log when it ends instead."""
        eventually(self._is_ready, timeout=timeout, what="the operator is not ready")

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it in order; gives its exit code."""
        return self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return self._log.read_text(errors="replace")

    def is_running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def answer(self, path: str) -> tuple[int, str]:
        """Ask its probe; 0 when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (OSError, HTTPException):  # nobody there, or it went away in the middle of its answer
            return 0, ""

    def metric(self, name: str) -> float:
        """Add up a metric over its labels; ``name`` may end with labels in braces."""
        _, text = self.answer("/metrics")
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))

    def wait_until_quiet(self, *, seconds: float = 1.0, timeout: float = 120) -> None:
        """Wait until no lot was looked at for a while."""
        deadline = time.monotonic() + timeout
        last, since = -1.0, time.monotonic()
        while time.monotonic() - since < seconds:
            passes = self.metric("parking_operator_reconcile_total")
            if passes != last or self.metric("parking_operator_queue_length"):
                last, since = passes, time.monotonic()
            assert time.monotonic() < deadline, f"not quiet within {timeout:.0f} s"
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        assert self.is_running(), f"the operator has ended:\n{self.log[-3000:]}"
        return self.answer("/readyz")[0] == 200

    def _end(self, number: int) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            return process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
