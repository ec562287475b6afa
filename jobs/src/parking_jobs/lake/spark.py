"""Spark settings of the lake's jobs, and the session that has them. Memory, cores and jars are the deployment's."""

from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import SparkSession

from parking.road_documents import LakeDocument
from parking.road_spec import is_object_storage
from parking_jobs.lake.tables import ALL, Table, create_statement, order_statement

CATALOGUE = "lake"
_SQLITE = "jdbc:sqlite:"
_SETTINGS = {
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.defaultCatalog": CATALOGUE,
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",  # of a commit's few figures; what is large is never shuffled
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    "spark.sql.streaming.minBatchesToRetain": "2",  # the tables know how far they have been written
    "spark.sql.autoBroadcastJoinThreshold": str(64 * 1024 * 1024),  # the ids of a window
    "spark.python.daemon.module": "parking_jobs.lake.worker",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def settings(document: LakeDocument, environment: Mapping[str, str]) -> dict[str, str]:
    """Give all settings; ``environment`` has the address by which executors find a driver in a pod."""
    address = environment.get("SPARK_DRIVER_BIND_ADDRESS")
    catalogue = {f"spark.sql.catalog.{CATALOGUE}.{name}": value for name, value in _catalogue(document).items()}
    return {
        **_SETTINGS,
        f"spark.sql.catalog.{CATALOGUE}": "org.apache.iceberg.spark.SparkCatalog",
        **catalogue,
        **({"spark.driver.host": address} if address else {}),
    }


def _catalogue(document: LakeDocument) -> dict[str, str]:
    """Give the properties of the catalogue. It caches nothing: an upkeep works on the same tables elsewhere."""
    asked = document.catalogue
    by_type = {
        # Versions of its tables before V1 had no views. A writer waits for another one's commit.
        "Embedded": {"type": "jdbc", "uri": f"{asked.uri}?busy_timeout=30000", "jdbc.schema-version": "V1"},
        "REST": {"type": "rest", "uri": asked.uri or ""},
        "Glue": {"type": "glue", **({"glue.endpoint": asked.uri} if asked.uri else {})},
    }
    return {**by_type[asked.type], "warehouse": document.warehouse, "cache-enabled": "false", **_object_store(document)}


def _object_store(document: LakeDocument) -> dict[str, str]:
    if not is_object_storage(document.warehouse):
        return {}
    found = {
        "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "s3.path-style-access": str(document.s3_path_style).lower(),
    }
    found |= {"s3.endpoint": document.s3_endpoint} if document.s3_endpoint else {}
    return found | ({"client.region": document.s3_region} if document.s3_region else {})


def open_session(document: LakeDocument, name: str, environment: Mapping[str, str]) -> SparkSession:
    """Start Spark, or take the one that runs in this process."""
    if document.catalogue.type == "Embedded":
        Path((document.catalogue.uri or "").removeprefix(_SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.appName(name)
    for setting, value in settings(document, environment).items():
        builder = builder.config(setting, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    return spark


def qualified(document: LakeDocument, table: Table) -> str:
    """Give a table's full name."""
    return f"{CATALOGUE}.{document.catalogue.namespace}.{table.name}"


def make_tables(spark: SparkSession, document: LakeDocument) -> None:
    """Make what is missing."""
    spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {CATALOGUE}.{document.catalogue.namespace}")
    for table in ALL:
        name = qualified(document, table)
        if not spark.catalog.tableExists(name):
            spark.sql(create_statement(table, name))
            spark.sql(order_statement(table, name))
