"""Keeps the lake's tables quick to read: many small files become few sorted ones, old snapshots and strays go.

What a commit may still look at is left alone: files younger than the window in which records that come again are
found, snapshots that readers may be at, and files that a commit under way has written but not yet shown.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import Row, SparkSession

from parking.road_documents import LakeDocument
from parking_jobs.lake.spark import CATALOGUE, qualified
from parking_jobs.lake.tables import ALL, KEPT_SNAPSHOTS, Table

log = logging.getLogger(__name__)

_FEWEST_FILES = 5
"""So few small files of a day are left as they are: putting them together would cost more than it saves."""
_DELETING = ("expire", "strays")
_STRAY_AGE = timedelta(days=1, hours=1)
"""Iceberg refuses less than a day: a younger file may be part of a commit under way."""


def statements(document: LakeDocument, table: Table, now: datetime) -> Iterator[tuple[str, str]]:
    """Give name and SQL of each step of a table's upkeep, in order."""
    named = f"table => '{qualified(document, table).removeprefix(f'{CATALOGUE}.')}'"
    settled = _literal(now - document.window)
    options = f"map('min-input-files', '{_FEWEST_FILES}', 'delete-file-threshold', '1')"
    call = f"CALL {CATALOGUE}.system"
    old = f'where => "arrival < {settled}"'
    yield "compact", f"{call}.rewrite_data_files({named}, strategy => 'sort', options => {options}, {old})"
    if table.upserted:
        yield "compact deletes", f"{call}.rewrite_position_delete_files({named})"
    yield "compact manifests", f"{call}.rewrite_manifests({named})"
    expired = f"older_than => {_literal(now - document.keep_snapshots)}, retain_last => {KEPT_SNAPSHOTS}"
    yield "expire", f"{call}.expire_snapshots({named}, {expired}, clean_expired_metadata => true)"
    # Listed by what reads the tables too: Hadoop, which would be asked otherwise, knows no s3://.
    stray = f"older_than => {_literal(now - _STRAY_AGE)}, prefix_listing => true"
    yield "strays", f"{call}.remove_orphan_files({named}, {stray})"


def _literal(time: datetime) -> str:
    return f"TIMESTAMP '{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"


def _is_looked_after(spark: SparkSession, document: LakeDocument, table: Table) -> bool:
    """Whether the catalogue itself removes what is old, and lets nobody else do it, as Nessie does."""
    told = spark.sql(f"SHOW TBLPROPERTIES {qualified(document, table)}").collect()
    return any(row["key"] == "gc.enabled" and row["value"] == "false" for row in told)


def keep_up(spark: SparkSession, document: LakeDocument, now: datetime) -> list[str]:
    """Do every step for every table; gives what failed. One that lost against a commit is done at the next time."""
    failed = []
    for table in ALL:
        others = _DELETING if _is_looked_after(spark, document, table) else ()
        for step, sql in statements(document, table, now):
            if step in others:
                continue
            try:
                told = spark.sql(sql).collect()
            except (PySparkException, Py4JError) as error:  # what Spark has no name for comes as it is
                failed.append(f"{table.name}: {step}")
                log.warning("%s: %s failed: %s", table.name, step, str(error).splitlines()[0])
            else:
                log.info("%s: %s: %s", table.name, step, _summary(told))
    return failed


def _summary(rows: list[Row]) -> str:
    if len(rows) == 1:
        return " ".join(f"{name}={value}" for name, value in rows[0].asDict().items() if value is not None)
    return f"{len(rows)} removed"
