"""The session job as the platform runs it: a process of its own beside a real broker."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from parking.documents import SessionJobDocument
from parking_local import spark
from parking_local.ports import free_port
from parking_operator.render.spark_application import MAIN_FILE


def document(bootstrap: str, folder: Path, **changes: Any) -> SessionJobDocument:
    """The document of a small lot with rows A and B; ``changes`` by wire name."""
    values = {
        "lot": "central",
        "engine": "Spark",
        "delivery": "AtLeastOnce",
        "bootstrapServers": bootstrap,
        "bays": [f"{row}{n}" for row in "AB" for n in range(1, 31)],
        "tariff": {},
        "topics": {},
        "timeoutSeconds": 30,
        "maxClockSkewSeconds": 60,
        "trigger": "200ms",
        "shards": 3,
        "maxEventsPerTrigger": 100_000,
        "checkpoint": str(folder / "checkpoint"),
    }
    return SessionJobDocument.model_validate(values | changes)


def environment() -> dict[str, str]:
    """What the local world sets, for a small driver on two cores."""
    options = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
    conf = {"spark.driver.extraJavaOptions": options}
    size = {"executor": {"instances": 1, "cores": 2}, "driver": {"memory": "1g"}}
    application = {"mainApplicationFile": MAIN_FILE, **size, "sparkConf": conf}
    return {**os.environ, **spark.environment(application), "PYTHONSAFEPATH": "1"}


class SessionJob:
    """A session job process; ``start`` again after ``kill`` goes on where it was."""

    def __init__(self, job: SessionJobDocument, folder: Path, *, instance: str = "sessions-1") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.config, self.log = folder / f"{instance}.json", folder / f"{instance}.log"
        self.config.write_text(json.dumps(job.document()))
        self.instance = instance
        self._env = environment() if job.engine == "Spark" else {**os.environ, "PYTHONSAFEPATH": "1"}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> Self:
        self.port = free_port()
        program = [sys.executable, "-m", "parking_jobs.sessions", "--config", str(self.config)]
        argv = [*program, "--probe-port", str(self.port), "--instance", self.instance]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, env=dict(self._env), start_new_session=True)
        return self

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def readyz(self) -> dict[str, Any] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except OSError:
            return None

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def wait_ready(self, timeout: float = 90) -> Self:
        deadline = time.monotonic() + timeout
        while not ((state := self.readyz()) and state["ready"]):
            assert self._process
            assert self._process.poll() is None, f"the job ended:\n{self.tail()}"
            assert time.monotonic() < deadline, f"not ready after {timeout} s: {state}\n{self.tail()}"
            time.sleep(0.1)
        return self

    def tail(self, size: int = 3_000) -> str:
        return self.log.read_text(errors="replace")[-size:]

    def stop(self, timeout: float = 40) -> int:
        """SIGTERM to the program alone, as a supervisor does; gives the exit code."""
        assert self._process
        self._process.terminate()
        return self.wait(timeout)

    def wait(self, timeout: float = 40) -> int:
        """Wait for the program to end by itself; gives the exit code."""
        assert self._process
        try:
            return self._process.wait(timeout)
        finally:
            self.kill()

    @contextlib.contextmanager
    def ended_at_last(self) -> Iterator[Self]:
        """Do not start it, but make sure that it has ended afterwards."""
        try:
            yield self
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9 of the program and of all it started."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
