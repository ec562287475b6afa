"""The session job on Spark Structured Streaming: Kafka → shards → Kafka. Drives ``shard``, adds no rules."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.streaming.state import GroupStateTimeout

from parking.documents import SessionJobDocument
from parking_jobs.sessions.encode import QUARANTINE_HEADERS
from parking_jobs.sessions.handover import Origin
from parking_jobs.sessions.spark_step import HEADER, OUTPUT, STATE, step_of
from parking_jobs.spark_kafka import broker_options

_STREAMING = "org.apache.spark.sql.execution.streaming"
_SETTINGS = {
    "spark.sql.streaming.stateStore.providerClass": f"{_STREAMING}.state.RocksDBStateStoreProvider",
    "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
    "spark.sql.streaming.minBatchesToRetain": "20",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1000000",
    "spark.sql.adaptive.enabled": "false",
    "spark.python.daemon.module": "parking_jobs.sessions.worker",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
}
_LOCAL_CHECKPOINT_SETTINGS = {
    # Without Hadoop's native library the default manager forks a process for every file it writes. This one renames,
    # which is atomic on a local file system and not on an object store.
    "spark.sql.streaming.checkpointFileManagerClass": f"{_STREAMING}.FileSystemBasedCheckpointFileManager",
}

_MAX_REQUEST_BYTES = 2 * 1024 * 1024


def settings(document: SessionJobDocument, environment: Mapping[str, str]) -> dict[str, str]:
    """Spark settings of the job, whatever runs it. Memory, cores and JVM options are the deployment's."""
    local = urlsplit(document.checkpoint).scheme in {"", "file"}
    # Executors in pods look for the driver by a Service, which hides it until it is ready, which takes executors:
    # by its own address, which Spark gives it, they find it at once.
    address = environment.get("SPARK_DRIVER_BIND_ADDRESS")
    return (
        _SETTINGS | (_LOCAL_CHECKPOINT_SETTINGS if local else {}) | ({"spark.driver.host": address} if address else {})
    )


def start(spark: SparkSession, document: SessionJobDocument, origin: Origin, run: str) -> StreamingQuery:
    """Start the query; it resumes where the checkpoint stands, or begins at ``origin``."""
    spark.conf.set("spark.sql.shuffle.partitions", document.shards)
    groups = _groups(spark, document.shards)
    step = step_of(document, groups, origin, run)
    folded = (
        _grouped(_records(spark, document, origin), F.col("partition"), groups)
        .unionByName(_grouped(_ticks(spark, document.shards), F.col("tick"), groups), allowMissingColumns=True)
        .groupBy("group")
        .applyInPandasWithState(step, from_arrow_schema(OUTPUT), STATE, "update", GroupStateTimeout.NoTimeout)
    )
    reported = folded.observe(
        "shards",
        F.sum("quarantined").alias("quarantined"),
        F.count("topic").alias("written"),
        F.collect_list(F.when(F.col("open_sessions").isNotNull(), F.struct("shard", "open_sessions", "clocks"))).alias(
            "open"
        ),
    )
    records = reported.where("topic is not null").select("topic", "partition", "key", "value", _headers())
    return (
        records.writeStream.format("kafka")
        .queryName(f"sessions-{document.lot}")
        .outputMode("update")
        .trigger(processingTime=f"{document.trigger.total_seconds()} seconds")
        .option("checkpointLocation", f"{document.checkpoint.rstrip('/')}/{origin.checkpoint}")
        .options(**broker_options(document.bootstrap_servers))
        .option("kafka.max.request.size", _MAX_REQUEST_BYTES)
        # The only compression that every client can read without a further library.
        .option("kafka.compression.type", "gzip")
        .start()
    )


def _records(spark: SparkSession, document: SessionJobDocument, origin: Origin) -> DataFrame:
    """Read the raw topic."""
    return (
        spark.readStream.format("kafka")
        .options(**broker_options(document.bootstrap_servers))
        .option("subscribe", document.topics.raw)
        .option("startingOffsets", json.dumps({document.topics.raw: origin.starting_offsets}))
        .option("maxOffsetsPerTrigger", document.max_events_per_trigger)
        .option("groupIdPrefix", f"parking-{document.lot}-sessions")
        # Records that retention took away are gone; failing for ever would lose those that are left as well.
        .option("failOnDataLoss", "false")
        .load()
        .select("partition", "offset", F.unix_millis("timestamp").alias("arrival"), "key", "value")
    )


def _ticks(spark: SparkSession, shards: int) -> DataFrame:
    """Give every batch one row per shard without a record, so that silence is noticed.

    Spark's own timers would call Python a second time in every task of every batch, due or not.
    """
    source = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", shards).option("numPartitions", 1)
    return source.load().select(F.col("value").alias("tick"))


def _grouped(rows: DataFrame, number: Column, groups: list[int]) -> DataFrame:
    """Name the group of each row: the one that stands for the shard of its number."""
    group = F.element_at(F.array(*map(F.lit, groups)), (number % len(groups)).cast("int") + 1)
    return rows.withColumn("group", group).drop("tick")


def _groups(spark: SparkSession, shards: int) -> list[int]:
    """Give for each shard the number that Spark's hash puts into the shuffle partition of that shard.

    Grouping by the shard's own number would leave some tasks with two shards and others with none.
    """
    # An object, because Py4J may mistake the static method of that name for the object's own.
    murmur = spark._jvm.org.apache.spark.unsafe.hash.Murmur3_x86_32(42)  # type: ignore[union-attr]  # noqa: SLF001
    groups: dict[int, int] = {}
    candidate = 0
    while len(groups) < shards:
        groups.setdefault(murmur.hashInt(candidate) % shards, candidate)
        candidate += 1
    return [groups[shard] for shard in range(shards)]


def _headers() -> Column:
    """Kafka headers, on quarantined records only."""
    pairs = [
        F.struct(F.lit(n).alias("key"), F.col(HEADER + n).cast("binary").alias("value")) for n in QUARANTINE_HEADERS
    ]
    return F.when(F.col(f"{HEADER}reason").isNotNull(), F.array(*pairs)).alias("headers")
