"""The session job: ``python -m parking_jobs.sessions --config DOCUMENT --probe-port PORT``.

Spark's deployment settings (master, memory, jars) come from whoever starts it: spark-submit in a cluster,
PYSPARK_SUBMIT_ARGS on one machine.
"""

import argparse
import itertools
import json
import logging
import signal
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parking.documents import SessionJobDocument
from parking.errors import ParkingError
from parking.probe import Probe
from parking_jobs.sessions.progress import Progress, read_batch

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

log = logging.getLogger("parking_jobs.sessions")
_TRIGGER_LOGGER = "org.apache.spark.sql.execution.streaming.ProcessingTimeExecutor"
_POLL_SECONDS = 1
_LAST_BATCH_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the job was started with."""

    document: SessionJobDocument
    probe_port: int

    @classmethod
    def from_argv(cls, argv: list[str]) -> "Settings":
        """Read the command line; raises ParkingError for a bad document."""
        parser = argparse.ArgumentParser("parking_jobs.sessions", description="Folds camera events into sessions.")
        parser.add_argument("--config", type=Path, required=True, help="the job's document (JSON)")
        parser.add_argument("--probe-port", type=int, default=8080, help="port of /healthz, /readyz and /metrics")
        args = parser.parse_args(argv)
        return cls(SessionJobDocument.read(args.config), args.probe_port)


def main(argv: list[str]) -> int:
    """Run until SIGTERM; then the running batch commits. Exit code 2 for bad settings, 1 when the query failed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = Settings.from_argv(argv)
    except ParkingError as error:
        print(error, file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    progress = Progress()
    probe = Probe(settings.probe_port, state=progress.state, metrics=progress.metrics)
    spark = _session(settings.document)
    try:
        return _run(spark, settings.document, progress, stop)
    finally:
        spark.stop()
        probe.close()


def _session(document: SessionJobDocument) -> "SparkSession":
    from pyspark.sql import SparkSession

    from parking_jobs.sessions.spark import settings

    builder = SparkSession.builder.appName(f"parking-sessions-{document.lot}")
    for name, value in settings(document).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    log4j = spark._jvm.org.apache.logging.log4j  # type: ignore[union-attr]  # noqa: SLF001 - the JVM's own logging
    # It warns of every batch longer than the trigger; our own line per batch says how long it took.
    log4j.core.config.Configurator.setLevel(_TRIGGER_LOGGER, log4j.Level.ERROR)
    return spark


def _run(spark: "SparkSession", document: SessionJobDocument, progress: Progress, stop: threading.Event) -> int:
    from pyspark.errors import StreamingQueryException

    from parking_jobs.sessions.spark import start

    query = start(spark, document, run=uuid.uuid4().hex)
    log.info("started lot=%s checkpoint=%s raw=%s", document.lot, document.checkpoint, document.topics.raw)
    seen = -1
    try:
        while not stop.is_set() and not query.awaitTermination(_POLL_SECONDS):
            seen = _report(query, progress, seen)
        if stop.is_set():
            _finish(query)
            _report(query, progress, seen)
            log.info("stopped after the running batch")
    except StreamingQueryException as error:
        log.error("query failed: %s", error)  # noqa: TRY400 - the message holds the JVM's trace
        return 1
    return 0


def _report(query: "StreamingQuery", progress: Progress, seen: int) -> int:
    """Take in the batches committed since number ``seen``; gives the newest one's number."""
    kept = query._jsq.recentProgress()  # noqa: SLF001 - in the JVM, so that only what is new is carried over
    new = list(itertools.takewhile(lambda report: report.batchId() > seen, reversed(kept)))
    for report in reversed(new):
        progress.take(read_batch(json.loads(report.json())))
    return int(new[0].batchId()) if new else seen


def _finish(query: "StreamingQuery") -> None:
    """Stop the query once the batch that is running now has been committed."""
    deadline = time.monotonic() + _LAST_BATCH_SECONDS
    running = _newest(query) + 1
    while query.status["isTriggerActive"] and _newest(query) < running and time.monotonic() < deadline:
        time.sleep(0.01)
    query.stop()


def _newest(query: "StreamingQuery") -> int:
    last = query.lastProgress
    return int(last["batchId"]) if last else -1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
