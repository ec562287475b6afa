"""The simulators as real processes, for tests."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

COMMAND = [sys.executable, "-m", "parking_simulators"]


class Simulator:
    """A running ``parking_simulators`` process with its log in a file."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text()

    def get(self, path: str) -> str:
        """Body of a probe's answer, also when it says 503."""
        port = self.wait_for_log(r"probe on port (\d+)")[1]
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return str(answer.read(), "utf-8")
        except HTTPError as error:
            with error:
                return str(error.read(), "utf-8")

    def wait_for_log(self, pattern: str, timeout: float = 30) -> re.Match[str]:
        deadline = time.monotonic() + timeout
        while (found := re.search(pattern, self.log)) is None:
            assert self.process.poll() is None, f"ended: {self.log}"
            assert time.monotonic() < deadline, f"no {pattern!r} after {timeout} s: {self.log}"
            time.sleep(0.05)
        return found

    def wait_until_ready(self, timeout: float = 30) -> str:
        """Wait for readiness; gives the reason told with it."""
        deadline = time.monotonic() + timeout
        while not (state := json.loads(self.get("/readyz")))["ready"]:
            assert time.monotonic() < deadline, f"not ready after {timeout} s: {state}: {self.log}"
            time.sleep(0.05)
        return str(state["reason"])

    def terminate(self, timeout: float = 20) -> int:
        """Send SIGTERM and give the exit code."""
        self.process.terminate()
        return self.process.wait(timeout)


@contextmanager
def simulator(*argv: str, folder: Path) -> Iterator[Simulator]:
    """Start ``python -m parking_simulators …``; killed if it still runs in the end."""
    log = folder / "simulator.log"
    with log.open("wb") as stderr, subprocess.Popen([*COMMAND, *argv], stderr=stderr) as process:
        try:
            yield Simulator(process, log)
        finally:
            if process.poll() is None:
                process.kill()


def run_to_end(*argv: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run ``python -m parking_simulators …`` until it ends by itself."""
    return subprocess.run([*COMMAND, *argv], capture_output=True, text=True, timeout=timeout, check=False)
