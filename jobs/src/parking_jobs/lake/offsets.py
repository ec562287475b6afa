"""How far a table has been written, as its own snapshots tell: the table is the state, and no checkpoint is needed.

Every commit records in its snapshot's summary up to which offset of which topic it goes. Rows and offsets become
visible in one step, so whatever happens in between, neither is without the other.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from parking.errors import ParkingError

PROPERTY = "parking.offsets"
SESSION_PROPERTY = f"spark.sql.iceberg.snapshot-property.{PROPERTY}"
"""Setting of a Spark session that puts the property into each snapshot which the session commits."""


class ForeignCommitError(ParkingError):
    """Somebody else has written to a table meanwhile."""


@dataclass(frozen=True, slots=True)
class Written:
    """Next offset by partition, of the topic with this id; a topic that was made anew has another one."""

    topic_id: str
    offsets: Mapping[int, int]

    def upto(self, offsets: Mapping[int, int]) -> "Written":
        """Give what is written after one more batch, which ends before these offsets."""
        return Written(self.topic_id, {**self.offsets, **offsets})

    def dump(self) -> str:
        """Write it down."""
        return json.dumps({"topic": self.topic_id, "offsets": {str(p): o for p, o in sorted(self.offsets.items())}})

    @classmethod
    def load(cls, text: str) -> "Written":
        """Read what ``dump`` wrote."""
        told = json.loads(text)
        return cls(told["topic"], {int(partition): offset for partition, offset in told["offsets"].items()})


def written(spark: SparkSession, table: str, topic_id: str) -> Written:
    """Tell how far a table has been written from the topic of this id.

    Snapshots of an upkeep do not tell, so the newest that does counts. Should none be left, the rows are asked.
    """
    summary = None
    for summary in _summaries(spark, table):  # there may be thousands, and mostly the first one tells
        if PROPERTY in summary:
            found = Written.load(summary[PROPERTY])
            return found if found.topic_id == topic_id else Written(topic_id, {})
    return Written(topic_id, {} if summary is None else _offsets_of_rows(spark, table))


def rows_added(spark: SparkSession, table: str) -> int:
    """Tell how many rows a table's newest snapshot has added."""
    newest = next(_summaries(spark, table), None)
    return int((newest or {}).get("added-records") or 0)


def _summaries(spark: SparkSession, table: str) -> Iterator[Mapping[str, str]]:
    """Give the summaries of a table's snapshots, newest first."""
    jvm: Any = spark._jvm  # noqa: SLF001 - Iceberg's own interface
    loaded = jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, table)  # noqa: SLF001
    snapshot = loaded.currentSnapshot()
    while snapshot is not None:
        yield snapshot.summary()
        parent = snapshot.parentId()
        snapshot = None if parent is None else loaded.snapshot(parent)


def _offsets_of_rows(spark: SparkSession, table: str) -> dict[int, int]:
    rows = spark.sql(f"SELECT kafka_partition, max(kafka_offset) FROM {table} GROUP BY kafka_partition").collect()  # noqa: S608
    return {partition: newest + 1 for partition, newest in rows}


def starting_offsets(found: Written, partitions: int) -> dict[str, int]:
    """Say where Spark's Kafka source should begin; -2 is its word for the earliest."""
    return {str(partition): found.offsets.get(partition, -2) for partition in range(partitions)}
