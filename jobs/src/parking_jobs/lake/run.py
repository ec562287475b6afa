"""Runs the lake's job on Spark in this process: a query per topic, all at once, until it is told to stop."""

import json
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.streaming.query import StreamingQuery

from parking.road_documents import LakeDocument
from parking_jobs.lake.commit import Sink
from parking_jobs.lake.decode import Decoder
from parking_jobs.lake.offsets import starting_offsets
from parking_jobs.lake.progress import LakeProgress
from parking_jobs.lake.spark import make_tables, open_session, qualified
from parking_jobs.lake.tables import QUARANTINE
from parking_jobs.lake.topics import Source, Topic, describe, sources
from parking_jobs.spark_kafka import broker_options

log = logging.getLogger(__name__)
_POLL_SECONDS = 1.0
_LAST_BATCH_SECONDS = 30.0

Work = Callable[[DataFrame, int], None]


def run_lake(document: LakeDocument, progress: LakeProgress, stop: threading.Event) -> int:
    """Run until ``stop``; then running batches commit. Gives the exit code: 1 when a query failed."""
    reading = sources(document)
    topics = describe(document.bootstrap_servers, [source.topic for source in reading])
    spark = open_session(document, f"parking-lake-{document.lot}", os.environ)
    # Spark insists on a checkpoint. The tables know better how far they have been written, so it lasts as long as we.
    checkpoint = Path(tempfile.mkdtemp(prefix="parking-lake-"))
    try:
        make_tables(spark, document)
        progress.expect({source.table for source in reading})
        queries = [
            _start(spark, document, source, topics[source.topic], checkpoint, progress=progress) for source in reading
        ]
        log.info("started lot=%s warehouse=%s", document.lot, document.warehouse)
        return _watch(queries, progress, stop)
    finally:
        spark.stop()
        shutil.rmtree(checkpoint, ignore_errors=True)


def _start(
    spark: SparkSession,
    document: LakeDocument,
    source: Source,
    topic: Topic,
    checkpoint: Path,
    *,
    progress: LakeProgress,
) -> StreamingQuery:
    """Start the query of one topic where its table ends."""
    sink = Sink(
        spark,
        source.decoder.table,
        name=qualified(document, source.decoder.table),
        quarantine=qualified(document, QUARANTINE),
        topic=source.topic,
        topic_id=topic.id,
    )
    begin = starting_offsets(sink.written, topic.partitions)
    decoded = _records(spark, document, source.topic, begin).mapInArrow(
        _in_workers(source.decoder), from_arrow_schema(source.decoder.schema)
    )
    return (
        decoded.writeStream.queryName(source.table)
        .foreachBatch(_work(sink, document, progress))
        .trigger(processingTime=f"{document.trigger.total_seconds()} seconds")
        .option("checkpointLocation", str(checkpoint / source.table))
        .start()
    )


def _records(spark: SparkSession, document: LakeDocument, topic: str, begin: dict[str, int]) -> DataFrame:
    return (
        spark.readStream.format("kafka")
        .options(**broker_options(document.bootstrap_servers))
        .option("kafka.isolation.level", "read_committed")  # the session job may write in transactions
        .option("subscribe", topic)
        .option("startingOffsets", json.dumps({topic: begin}))
        .option("maxOffsetsPerTrigger", document.max_records_per_trigger)
        .option("groupIdPrefix", f"parking-{document.lot}-lake")
        # Records that retention took away are gone; failing for ever would lose those that are left as well.
        .option("failOnDataLoss", "false")
        .load()
        .selectExpr("partition", "offset", "timestamp AS arrival", "key", "value")
    )


def _in_workers(decoder: Decoder) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    def decode(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        return map(decoder.decode, batches)

    return decode


def _work(sink: Sink, document: LakeDocument, progress: LakeProgress) -> Work:
    def work(batch: DataFrame, _number: int) -> None:
        begun = time.monotonic()
        done = sink.write(batch, document.window)
        if done:
            progress.take(sink.table.name, done, time.monotonic() - begun)

    return work


def _watch(queries: list[StreamingQuery], progress: LakeProgress, stop: threading.Event) -> int:
    while not stop.wait(_POLL_SECONDS):
        for query in queries:
            if not query.isActive:
                return _failed(query)
            if query.lastProgress is not None:
                progress.settled(str(query.name))
    _finish(queries)
    return 0


def _failed(query: StreamingQuery) -> int:
    error: StreamingQueryException | None = query.exception()
    log.error("table %s: ended: %s", query.name, error)
    return 1


def _finish(queries: list[StreamingQuery]) -> None:
    """Stop every query once the batch that it is at has been committed."""
    deadline = time.monotonic() + _LAST_BATCH_SECONDS
    while any(query.status["isTriggerActive"] for query in queries) and time.monotonic() < deadline:
        for query in queries:
            if not query.status["isTriggerActive"]:
                query.stop()
        time.sleep(0.05)
    for query in queries:
        query.stop()
    log.info("stopped after the running batches")
