"""Writes a micro-batch into its table: what is refused to the quarantine, what is new to the table, in that order.

A batch is at most one file a day and commit. If the process dies between the two commits, the batch comes again:
what the quarantine has already is left out then, and the table has not moved.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from parking_jobs.lake.offsets import SESSION_PROPERTY, ForeignCommitError, rows_added, written
from parking_jobs.lake.tables import ORIGIN, QUARANTINE, Table

_QUARANTINE = threading.Lock()
"""Queries share the quarantine: one after the other they need no second try at a commit."""
_ORIGIN = [column.name for column in ORIGIN]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is known of a decoded batch before it is written."""

    offsets: dict[int, int]
    first_arrival: datetime
    newest_arrival: datetime
    records: int
    refused: int


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a batch: records taken in, refused, stored, and those that were there already."""

    records: int
    refused: int
    stored: int
    newest_arrival: datetime

    @property
    def repeated(self) -> int:
        """Records that had come before."""
        return self.records - self.refused - self.stored


def survey(decoded: DataFrame) -> Batch | None:
    """Look over a decoded batch; None when it is empty."""
    rows = (
        decoded.groupBy("kafka_partition")
        .agg(
            (F.max("kafka_offset") + 1).alias("next"),
            F.min("arrival").alias("first"),
            F.max("arrival").alias("newest"),
            F.count(F.lit(1)).alias("records"),
            F.count("reason").alias("refused"),
        )
        .collect()
    )
    if not rows:
        return None
    return Batch(
        offsets={row.kafka_partition: row.next for row in rows},
        first_arrival=min(row["first"] for row in rows),
        newest_arrival=max(row.newest for row in rows),
        records=sum(row.records for row in rows),
        refused=sum(row.refused for row in rows),
    )


class Sink:
    """Writes the batches of one topic into one table, and knows how far it has come."""

    def __init__(
        self, spark: SparkSession, table: Table, *, name: str, quarantine: str, topic: str, topic_id: str
    ) -> None:
        self.table, self._name, self._quarantine, self._topic = table, name, quarantine, topic
        self.written = written(spark, name, topic_id)

    def write(self, batch: DataFrame, window: timedelta) -> Committed | None:
        """Write a decoded batch; None for an empty one. Raises ForeignCommitError when another writer was at work."""
        spark = batch.sparkSession
        decoded = batch.persist()
        try:
            seen = survey(decoded)
            if seen is None:
                return None
            self._refuse_a_second_writer(spark)
            if seen.refused:
                self._append_refused(spark, decoded, seen)
            after = self.written.upto(seen.offsets)
            spark.conf.set(SESSION_PROPERTY, after.dump())
            try:
                stored = self._store(spark, decoded, seen, window)
            finally:
                spark.conf.unset(SESSION_PROPERTY)
            # What was refused, or there already, may have left nothing to commit: then the table has not moved.
            self.written = written(spark, self._name, self.written.topic_id)
            return Committed(seen.records, seen.refused, stored, seen.newest_arrival)
        finally:
            decoded.unpersist()

    def _refuse_a_second_writer(self, spark: SparkSession) -> None:
        found = written(spark, self._name, self.written.topic_id)
        if found.offsets != self.written.offsets:
            raise ForeignCommitError(f"{self._name}: written by another job up to {dict(found.offsets)}")

    def _append_refused(self, spark: SparkSession, decoded: DataFrame, seen: Batch) -> None:
        refused = decoded.where("reason IS NOT NULL").withColumn("topic", F.lit(self._topic))
        there = spark.table(self._quarantine).where(
            (F.col("topic") == self._topic) & (F.col("arrival") >= F.lit(seen.first_arrival))
        )
        new = refused.join(there.select(_ORIGIN), _ORIGIN, "left_anti").select(*QUARANTINE.names)
        with _QUARANTINE:
            new.coalesce(1).writeTo(self._quarantine).append()

    def _store(self, spark: SparkSession, decoded: DataFrame, seen: Batch, window: timedelta) -> int:
        rows = decoded.where("reason IS NULL").select("row.*", *_ORIGIN)
        one = rows.coalesce(1)
        if self.table.upserted:
            return self._merge(spark, one)
        since = seen.first_arrival - window
        there = spark.table(self._name).where(F.col("arrival") >= F.lit(since)).select(self.table.key)
        new = one.dropDuplicates([self.table.key]).join(there, self.table.key, "left_anti")
        new.select(*self.table.names).coalesce(1).sortWithinPartitions(*self.table.sort).writeTo(self._name).append()
        return rows_added(spark, self._name)

    def _merge(self, spark: SparkSession, rows: DataFrame) -> int:
        """Put in the newest version of each row, unless the table has a newer one."""
        key, day = self.table.key, self.table.day
        newest = rows.groupBy(key).agg(F.max_by(F.struct(*rows.columns), _version()).alias("newest")).select("newest.*")
        kept = newest.persist()
        try:
            first, count = kept.agg(F.min(day), F.count(F.lit(1))).collect()[0]
            if count:
                kept.createOrReplaceTempView("newest")
                spark.sql(_merge_statement(self._name, key, day, first))
        finally:
            kept.unpersist()
        return int(count)


def _version() -> Column:
    return F.struct("version", "kafka_offset")


def _merge_statement(name: str, key: str, day: str, first: datetime) -> str:
    """The bound on the day spares the table's older partitions; a session's start never changes."""
    return (
        f"MERGE INTO {name} AS t USING newest AS n "
        f"ON t.{key} = n.{key} AND t.{day} >= TIMESTAMP '{first:%Y-%m-%d %H:%M:%S}' "
        "WHEN MATCHED AND n.version > t.version THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
