"""What Spark is told about the catalogue and the storage, and how the upkeep's steps read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from parking_jobs.lake.offsets import Written, starting_offsets
from parking_jobs.lake.spark import settings
from parking_jobs.lake.tables import ALL, SESSIONS
from parking_jobs.lake.upkeep import statements
from tests.support.lake import document

HERE = Path("/data")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def catalogue(**changes: object) -> dict[str, str]:
    prefix = "spark.sql.catalog.lake."
    found = settings(document("kafka:9092", HERE, **changes), {})
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}


def test_an_embedded_lake_is_a_file_and_a_folder() -> None:
    found = catalogue()
    assert found["type"] == "jdbc"
    assert found["uri"] == "jdbc:sqlite:/data/catalogue.db?busy_timeout=30000"
    assert found["warehouse"] == "/data/warehouse"
    assert "io-impl" not in found


@pytest.mark.parametrize("scheme", ["s3", "s3a"])
def test_object_storage_is_reached_as_told(scheme: str) -> None:
    found = catalogue(
        warehouse=f"{scheme}://lake/w", s3Endpoint="http://s3:7070", s3Region="eu-west-1", s3PathStyle=True
    )
    assert found["io-impl"] == "org.apache.iceberg.aws.s3.S3FileIO"
    assert (found["s3.endpoint"], found["s3.path-style-access"]) == ("http://s3:7070", "true")
    assert found["client.region"] == "eu-west-1"
    assert not [value for value in found if "key" in value], "access keys come from the environment"


def test_catalogues_of_others() -> None:
    rest = catalogue(catalogue={"type": "REST", "uri": "http://c:8181", "namespace": "road"})
    assert (rest["type"], rest["uri"]) == ("rest", "http://c:8181")
    glue = catalogue(catalogue={"type": "Glue", "namespace": "road"}, warehouse="s3://lake/w")
    assert (glue["type"], glue["warehouse"]) == ("glue", "s3://lake/w")
    assert "glue.endpoint" not in glue
    inside = {"type": "Glue", "uri": "https://glue.internal", "namespace": "road"}
    assert catalogue(catalogue=inside, warehouse="s3://lake/w")["glue.endpoint"] == "https://glue.internal"


def test_offsets_survive_being_written_down() -> None:
    before = Written("topic-1", {0: 5, 11: 7})
    assert Written.load(before.upto({1: 3, 0: 9}).dump()) == Written("topic-1", {0: 9, 1: 3, 11: 7})
    assert starting_offsets(before, 3) == {"0": 5, "1": -2, "2": -2}


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_upkeep_leaves_what_a_commit_may_still_look_at(table: object) -> None:
    steps = dict(statements(document("kafka:9092", HERE), table, NOW))  # type: ignore[arg-type]
    assert "arrival < TIMESTAMP '2026-01-31 11:50:00'" in steps["compact"]
    assert "older_than => TIMESTAMP '2026-01-30 12:00:00', retain_last => 20" in steps["expire"]
    assert "older_than => TIMESTAMP '2026-01-30 11:00:00'" in steps["strays"]
    assert ("compact deletes" in steps) == (table is SESSIONS)
