"""One program of the control plane as a child process with a log file."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path


class StartError(RuntimeError):
    """A program did not become ready; the message ends with its log's last lines."""


class Child:
    """A program that can be started again after it was stopped."""

    def __init__(self, argv: list[str], log: Path) -> None:
        self._argv = argv
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches pytest alone, which then stops it in order."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._argv, stdout=log, stderr=log, start_new_session=True)

    def wait_until(self, ready: Callable[[], bool], *, timeout: float = 60) -> None:
        """Wait for a condition; raises StartError when the program ends or ``timeout`` seconds pass before."""
        deadline = time.monotonic() + timeout
        while not ready():
            ended = self._process.poll() if self._process else 0
            if ended is not None or time.monotonic() > deadline:
                what = f"was not ready in {timeout:.0f} s" if ended is None else f"ended with code {ended}"
                raise StartError(
                    f"{Path(self._argv[0]).name} {what}:\n{self._log.read_text(errors='replace')[-3_000:]}"
                )
            time.sleep(0.05)

    def stop(self, *, timeout: float = 10) -> None:
        """End it: in order, or by force after ``timeout`` seconds; 0 is at once, as a crash would."""
        process, self._process = self._process, None
        if process is None:
            return
        if timeout:
            process.terminate()
        else:
            process.kill()
        try:
            process.wait(timeout or 10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
