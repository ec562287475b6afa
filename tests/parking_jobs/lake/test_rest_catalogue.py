"""Tables known to a real REST catalogue and kept on a real S3 server, filled, looked after, and read by DuckDB."""

from pathlib import Path

import httpx
import pytest

from parking.road import RoadTopic
from parking_jobs.lake.tables import ALL
from tests.support.broker import create_topics, produce
from tests.support.lake import LakeJob, Tables, document, environment
from tests.support.object_store import REGION, object_store
from tests.support.rest_catalogue import rest_catalogue
from tests.support.road_records import record, session

# The S3 server is one of the programs built for cluster tests.
pytestmark = [pytest.mark.spark, pytest.mark.broker, pytest.mark.cluster, pytest.mark.timeout(420)]

RECORDS, DATABASE = 300, "rest"


def test_records_land_in_tables_that_the_catalogue_knows(kafka: str, tmp_path: Path) -> None:
    topics = {topic.name.lower(): f"rest-{topic.name.lower()}" for topic in RoadTopic}
    create_topics(kafka, [*topics.values(), "rest-sessions"], partitions=2)
    with object_store(tmp_path) as store, rest_catalogue(tmp_path, store, f"s3://{store.bucket}/warehouse") as address:
        lake = document(
            kafka,
            tmp_path / "lake",
            topics=topics,
            processedTopic="rest-sessions",
            warehouse=f"s3://{store.bucket}/warehouse",
            catalogue={"type": "REST", "uri": address, "namespace": DATABASE},
            s3Endpoint=store.endpoint,
            s3Region=REGION,
            s3PathStyle=True,
        )

        def known() -> dict[str, str]:
            listed = httpx.get(f"{address}/v1/main/namespaces/{DATABASE}/tables", timeout=10)
            names = [each["name"] for each in listed.json().get("identifiers", ())]
            found = {name: httpx.get(f"{listed.url}/{name}", timeout=10).json() for name in names}
            return {name: told["metadata-location"] for name, told in found.items()}

        tables = Tables(known, [store.duckdb_secret()])
        env = environment(objects=True, extra=store.environment())
        with LakeJob(lake, tmp_path, env) as job:
            for topic in RoadTopic:
                produce(kafka, topics[topic.name.lower()], ((f"veh-{n % 7}", record(topic, n)) for n in range(RECORDS)))
            produce(kafka, "rest-sessions", [(f"{n}", session(n, 7)) for n in range(10)])
            job.wait_until(lambda: all(tables.count(topic.name.lower()) == RECORDS for topic in RoadTopic))
            job.wait_until(lambda: tables.count("sessions") == 10)
            assert job.stop() == 0
        told = job.upkeep()
        assert "compact" in told
        assert "strays" not in told, "Nessie has a collector of its own"
        assert set(known()) == {table.name for table in ALL}
        assert tables.query("SELECT sum(speed), count(DISTINCT id) FROM {vehicle}") == [(RECORDS * 40.0, RECORDS)]
