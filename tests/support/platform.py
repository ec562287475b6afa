"""The whole platform on this machine, as a user starts it: ``parking up MANIFEST``."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psutil
import yaml

from parking_local.lot_folder import LotFolder
from parking_local.ports import free_port


class Platform:
    """A ``parking up`` with ports and a data folder of its own."""

    def __init__(self, manifest: dict[str, Any], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.manifest, self.data, self.output = folder / "lot.yaml", folder / "data", folder / "up.out"
        self.manifest.write_text(yaml.safe_dump(manifest))
        self.port, self.kafka_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.kafka_port}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        argv = [sys.executable, "-m", "parking_local", "up", str(self.manifest), "--data", str(self.data)]
        argv += ["--port", str(self.port), "--kafka-port", str(self.kafka_port)]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(argv, stdout=output, stderr=output, start_new_session=True)
        return self

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
            return json.load(answer)

    def until(self, done: Callable[[], Any], timeout: float, what: str) -> Any:
        """Wait for ``done`` to give something true; what is not there yet counts as false."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                if told := done():
                    return told
            except OSError:
                pass
            assert self._process
            assert self._process.poll() is None, f"parking up ended:\n{self.tail()}"
            assert time.monotonic() < deadline, f"{what}: not after {timeout} s\n{self.tail()}"
            time.sleep(0.2)

    def wait_live(self, timeout: float = 150) -> Self:
        """Wait until the gateway has read all that is there, and sessions can be seen."""

        def is_live() -> bool:
            return self.get("/readyz")["ready"] and self.get("/api/status")["active_sessions"] > 0

        self.until(is_live, timeout, "live sessions")
        return self

    def wait_ready(self, generation: int = 1, timeout: float = 150) -> Self:
        """Wait until everything is ready, since the given edit of the manifest if one is given."""

        def is_ready() -> bool:
            status = LotFolder(self.data).read_status()
            return bool(status and status.observed_generation >= generation and status.is_ready)

        self.until(is_ready, timeout, "everything ready")
        return self

    def edit(self, manifest: dict[str, Any]) -> Self:
        """Change the manifest while the lot is up, and wait until everything is ready again."""
        status = LotFolder(self.data).read_status()
        assert status
        self.manifest.write_text(yaml.safe_dump(manifest))
        return self.wait_ready(status.observed_generation + 1)

    def processes(self) -> dict[str, psutil.Process]:
        """Children by the program they run."""
        assert self._process
        found = {}
        for child in psutil.Process(self._process.pid).children():
            try:
                line = " ".join(child.cmdline())
            except psutil.Error:  # it has just ended
                continue
            for name in ("kafka.Kafka", "parking_jobs.sessions", "parking_simulators", "parking_api"):
                if name in line:
                    found[name] = child
        return found

    def tail(self) -> str:
        logs = [self.output, *sorted(self.data.glob("logs/*.log"))]
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-1_500:]}" for log in logs if log.exists())

    def stop(self, timeout: float = 90) -> int:
        """Ctrl-C; gives the exit code."""
        assert self._process
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.poll() is None:
            self.stop()
        down = [sys.executable, "-m", "parking_local", "down", "--data", str(self.data)]
        subprocess.run(down, env=os.environ, capture_output=True, timeout=120, check=False)
