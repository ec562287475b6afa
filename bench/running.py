"""Contenders at work, as process groups of their own."""

import json
import math
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from contenders import JOBS, Contender
from events import bays
from stage import Task

from parking.documents import SessionJobDocument
from parking_local import spark
from parking_local.ports import HOST, free_port
from parking_operator.render.spark_application import MAIN_FILE

TIMEOUT_SECONDS = 3_600


class RunFailedError(Exception):
    """A contender ended, or did not finish in time; with the end of its log."""


@dataclass
class Running:
    """A contender at work: its processes, and the ports on which they tell of themselves, if they do."""

    name: str
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    probes: list[int] = field(default_factory=list)

    @property
    def pids(self) -> list[int]:
        """Its processes; they may have started others."""
        return [process.pid for process in self.processes]

    def check(self, deadline: float = math.inf, so_far: str = "") -> None:
        """Raise RunFailedError if a process has ended or it is too late (monotonic seconds)."""
        ended = any(process.poll() is not None for process in self.processes)
        if ended or time.monotonic() > deadline:
            how = "ended" if ended else "did not finish"
            raise RunFailedError(f"{self.name} {how}: {so_far}\n{self.log.read_text(errors='replace')[-2_000:]}")

    def wait_until_ready(self, seconds: float = 90) -> None:
        """Wait until every process says that it is ready."""
        deadline = time.monotonic() + seconds
        while not all(map(_is_ready, self.probes)):
            self.check(deadline)
            time.sleep(0.1)

    def end(self) -> None:
        """Kill it and all it started."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def started(contender: Contender, task: Task) -> Iterator[Running]:
    """Run a contender, each of its processes as the leader of a session of its own."""
    running = Running(task.name, task.folder / "log")
    document = _document(contender, task)
    env = _environment(contender, task)
    try:
        with running.log.open("wb") as log:
            for number in range(contender.processes):
                port = free_port()
                values = {"{config}": str(document), "{port}": str(port), "{instance}": f"bench-{number + 1}"}
                argv = [values.get(part, part) for part in contender.argv]
                running.processes.append(
                    subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True, cwd=task.folder)
                )
                if contender.has_probe:
                    running.probes.append(port)
        yield running
    except FileNotFoundError as missing:
        raise RunFailedError(f"{missing.filename} is not there; the verbs of the Makefile set it up") from missing
    finally:
        running.end()


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _environment(contender: Contender, task: Task) -> dict[str, str]:
    job = {
        "bootstrap": task.bootstrap,
        "raw": task.raw,
        "processed": task.processed,
        "partitions": task.partitions,
        "timeout_seconds": TIMEOUT_SECONDS,
        "max_offsets": 20_000,
        "folder": str(task.folder),
        **contender.settings,
    }
    scratch = str(task.folder / "tmp")
    env = {**os.environ, "BENCH_JOB": json.dumps(job), "PYTHONPATH": str(JOBS), "TMPDIR": scratch}
    if contender.spark is not None:
        jvm = f"{contender.jvm} -Djava.io.tmpdir={scratch}"
        conf = {**contender.spark, "spark.driver.extraJavaOptions": jvm, "spark.local.dir": scratch}
        size = {
            "mainApplicationFile": MAIN_FILE,
            "executor": {"instances": 1, "cores": 2},
            "driver": {"memory": contender.memory},
        }
        env |= spark.environment({**size, "sparkConf": conf})
    return env


def _document(contender: Contender, task: Task) -> Path:
    """Write the document of our own jobs; others do not look at it."""
    values = {
        "lot": task.name,
        "engine": "Spark",
        "delivery": "AtLeastOnce",
        "bootstrapServers": task.bootstrap,
        "bays": bays(task.plates),
        "tariff": {},
        "topics": task.topics,
        "timeoutSeconds": TIMEOUT_SECONDS,
        "maxClockSkewSeconds": 3_600,
        "trigger": "500ms",
        "shards": 1,
        "maxEventsPerTrigger": 100_000,
        "checkpoint": str(task.folder / "checkpoint"),
        **contender.document,
    }
    path = task.folder / "document.json"
    path.write_text(json.dumps(SessionJobDocument.model_validate(values).document()))
    return path
