"""Who runs in the session benchmark: our job and three others, each a process of its own on the same topics."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from events import bays

from parking.documents import SessionJobDocument
from parking_local import spark
from parking_local.ports import free_port

JOBS = Path(__file__).parent / "jobs"
TIMEOUT_SECONDS = 3_600
SHARDS = 2


@dataclass(frozen=True)
class Task:
    """What a contender is to do."""

    bootstrap: str
    raw: str
    processed: str
    partitions: int
    plates: int
    folder: Path

    @property
    def job(self) -> dict[str, object]:
        """Settings of the jobs that bench/jobs holds."""
        return {
            "bootstrap": self.bootstrap,
            "raw": self.raw,
            "processed": self.processed,
            "partitions": self.partitions,
            "timeout_seconds": TIMEOUT_SECONDS,
            "max_offsets": 20_000,
            "checkpoint": str(self.folder / "checkpoint"),
        }


@dataclass(frozen=True)
class Contender:
    """A contender: how it is started, and how many events it gets so that its run takes about half a minute."""

    name: str
    events: int
    argv: tuple[str, ...]
    spark_conf: Mapping[str, str] | None = None
    keeps_up: bool = True

    def start(self, task: Task) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own."""
        task.folder.mkdir(parents=True, exist_ok=True)
        env = {**os.environ, "BENCH_JOB": json.dumps(task.job), "PYTHONPATH": str(JOBS)}
        if self.spark_conf is not None:
            size = {"executor": {"instances": 1, "cores": 2}, "driver": {"memory": "2g"}}
            env |= spark.environment({**size, "sparkConf": self.spark_conf})
        argv = [
            part.replace("{config}", str(_document(task))).replace("{port}", str(free_port())) for part in self.argv
        ]
        with (task.folder / "log").open("wb") as log:
            return subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a contender and all it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _document(task: Task) -> Path:
    document = SessionJobDocument.model_validate(
        {
            "lot": "bench",
            "engine": "Spark",
            "delivery": "AtLeastOnce",
            "bootstrapServers": task.bootstrap,
            "bays": bays(task.plates),
            "tariff": {},
            "topics": {"raw": task.raw, "processed": task.processed, "quarantine": "bench-quarantine"},
            "timeoutSeconds": TIMEOUT_SECONDS,
            "maxClockSkewSeconds": 3_600,
            "trigger": "500ms",
            "shards": SHARDS,
            "maxEventsPerTrigger": 100_000,
            "checkpoint": str(task.folder / "checkpoint"),
        }
    )
    path = task.folder / "document.json"
    path.write_text(json.dumps(document.document()))
    return path


PYTHON = sys.executable
_SMALL_JVM = {"spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"}
_PER_KEY = (PYTHON, str(JOBS / "per_key.py"))
CONTENDERS = (
    Contender(
        "ours",
        1_000_000,
        (PYTHON, "-m", "parking_jobs.sessions", "--config", "{config}", "--probe-port", "{port}"),
        spark_conf=_SMALL_JVM,
    ),
    # As public implementations run it: Spark's own defaults, 200 shuffle partitions among them.
    Contender("per_key", 40_000, _PER_KEY, spark_conf={}, keeps_up=False),
    # The same code with the deployment settings that we give ourselves.
    Contender(
        "per_key_tuned",
        40_000,
        _PER_KEY,
        spark_conf={**_SMALL_JVM, "spark.sql.shuffle.partitions": str(SHARDS)},
        keeps_up=False,
    ),
    Contender("bytewax", 500_000, (PYTHON, "-m", "bytewax.run", "bytewax_job:flow")),
    Contender("plain_loop", 500_000, (PYTHON, str(JOBS / "plain_loop.py"))),
)
