"""Runs the session job on Spark in this process, and reports what Spark says of its batches."""

import itertools
import json
import logging
import os
import threading
import time
import uuid
from contextlib import closing
from typing import Any

from confluent_kafka import KafkaException
from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from parking.documents import SessionJobDocument
from parking_jobs.sessions.handover import Bookkeeper, bookmarks_of, find_origin
from parking_jobs.sessions.progress import Progress, read_batch
from parking_jobs.sessions.spark import settings, start

log = logging.getLogger(__name__)
_TRIGGER_LOGGER = "org.apache.spark.sql.execution.streaming.ProcessingTimeExecutor"
_POLL_SECONDS = 1
_LAST_BATCH_SECONDS = 20.0


def run_spark(document: SessionJobDocument, progress: Progress, stop: threading.Event) -> int:
    """Run until ``stop``; then the running batch commits. Gives the exit code: 1 when Kafka or the query failed."""
    spark = _session(document)
    try:
        with closing(Bookkeeper(document)) as bookkeeper:
            return _run(spark, document, bookkeeper, progress, stop)
    except (KafkaException, StreamingQueryException) as error:
        log.error("ended: %s", error)  # noqa: TRY400 - the message holds the JVM's trace
        return 1
    finally:
        spark.stop()


def _session(document: SessionJobDocument) -> SparkSession:
    builder = SparkSession.builder.appName(f"parking-sessions-{document.lot}")
    for name, value in settings(document, os.environ).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    log4j = spark._jvm.org.apache.logging.log4j  # type: ignore[union-attr]  # noqa: SLF001 - the JVM's own logging
    # It warns of every batch longer than the trigger; our own line per batch says how long it took.
    log4j.core.config.Configurator.setLevel(_TRIGGER_LOGGER, log4j.Level.ERROR)
    return spark


def _run(
    spark: SparkSession,
    document: SessionJobDocument,
    bookkeeper: Bookkeeper,
    progress: Progress,
    stop: threading.Event,
) -> int:
    origin = find_origin(document, bookkeeper.consumer)
    query = start(spark, document, origin, run=uuid.uuid4().hex)
    log.info("started lot=%s checkpoint=%s/%s", document.lot, document.checkpoint, origin.checkpoint)

    def report(seen: int) -> int:
        new = _new_reports(query, seen)
        for each in new:
            progress.take(read_batch(each))
        if new:
            bookkeeper.note(bookmarks_of(new[-1], document.topics.raw, origin.checkpoint))
        return int(new[-1]["batchId"]) if new else seen

    seen = -1
    while not stop.is_set() and not query.awaitTermination(_POLL_SECONDS):
        seen = report(seen)
    if stop.is_set():
        _finish(query)
        report(seen)
        log.info("stopped after the running batch")
    return 0


def _new_reports(query: StreamingQuery, seen: int) -> list[dict[str, Any]]:
    """Give the reports of the batches committed since number ``seen``, oldest first."""
    kept = query._jsq.recentProgress()  # noqa: SLF001 - in the JVM, so that only what is new is carried over
    new = list(itertools.takewhile(lambda report: report.batchId() > seen, reversed(kept)))
    return [json.loads(report.json()) for report in reversed(new)]


def _finish(query: StreamingQuery) -> None:
    """Stop the query once the batch that is running now has been committed."""
    deadline = time.monotonic() + _LAST_BATCH_SECONDS
    running = _newest(query) + 1
    while query.status["isTriggerActive"] and _newest(query) < running and time.monotonic() < deadline:
        time.sleep(0.01)
    query.stop()


def _newest(query: StreamingQuery) -> int:
    last = query.lastProgress
    return int(last["batchId"]) if last else -1
