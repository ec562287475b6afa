"""Tables on a real S3 server, written through S3FileIO and read back by DuckDB and by Spark."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from parking.road import RoadTopic
from tests.support.broker import create_topics, kafka_broker, produce
from tests.support.lake import TOPICS, LakeJob, Tables, document, embedded_catalogue, environment
from tests.support.object_store import REGION, object_store
from tests.support.road_records import record, session

# The server is one of the programs built for cluster tests.
pytestmark = [pytest.mark.spark, pytest.mark.broker, pytest.mark.cluster, pytest.mark.timeout(420)]

RECORDS = 600
READ_BY_SPARK = """
import json, sys
from pathlib import Path
from parking.road_documents import LakeDocument
from parking_jobs.lake.spark import open_session, qualified
from parking_jobs.lake.tables import ALL

document = LakeDocument.read(Path(sys.argv[1]))
spark = open_session(document, "read", {})
told = {table.name: spark.table(qualified(document, table)).count() for table in ALL}
told["speed"] = spark.sql("SELECT sum(speed) FROM lake.central.vehicle").first()[0]
print("TOLD" + json.dumps(told))
"""


def test_counts_and_sums_equal_what_was_sent_after_kills_of_job_and_broker(tmp_path: Path) -> None:
    with object_store(tmp_path) as store, kafka_broker(tmp_path) as broker:
        servers = broker.bootstrap_servers
        create_topics(servers, TOPICS, partitions=2, config={"message.timestamp.type": "LogAppendTime"})
        lake = document(
            servers,
            tmp_path / "lake",
            warehouse=f"s3://{store.bucket}/warehouse",
            s3Endpoint=store.endpoint,
            s3Region=REGION,
            s3PathStyle=True,
        )
        env = environment(objects=True, extra=store.environment())
        tables = Tables(embedded_catalogue(lake), [store.duckdb_secret()])
        job = LakeJob(lake, tmp_path, env)
        try:
            send(servers, range(RECORDS // 2))
            job.start().wait_until(lambda: tables.count("vehicle") > 0)
            broker.kill()
            job.kill()
            broker.start()
            send(servers, range(RECORDS // 2 - 20, RECORDS))
            produce(servers, "processed-data", [(f"{n}", session(n, 7)) for n in range(10)])
            produce(servers, RoadTopic.VEHICLE, [("veh-1", b"nonsense")])
            job.start().wait_until(lambda: all(tables.count(topic.name.lower()) == RECORDS for topic in RoadTopic))
            job.wait_until(lambda: tables.count("sessions") == 10 and tables.count("quarantine") == 1)
            assert job.stop() == 0
            assert "strays" in job.upkeep()
        finally:
            job.kill()
        for topic in RoadTopic:
            name = topic.name.lower()
            assert tables.query(f"SELECT count(*), count(DISTINCT id) FROM {{{name}}}") == [(RECORDS, RECORDS)], name
        assert tables.query("SELECT sum(speed), sum(year) FROM {vehicle}") == [(RECORDS * 40.0, RECORDS * 2025)]
        assert list(store.folder.rglob("vehicle/data/*/*.parquet")), "the bucket holds the tables"
        assert not (tmp_path / "lake" / "warehouse").exists()
        told = read_by_spark(job.config, env)
        assert told == {
            **{topic.name.lower(): RECORDS for topic in RoadTopic},
            "sessions": 10,
            "quarantine": 1,
            "speed": RECORDS * 40.0,
        }


def send(servers: str, numbers: range) -> None:
    for topic in RoadTopic:
        produce(servers, topic, ((f"veh-{n % 7}", record(topic, n)) for n in numbers))


def read_by_spark(config: Path, env: dict[str, str]) -> dict[str, float]:
    argv = [sys.executable, "-c", READ_BY_SPARK, str(config)]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("TOLD")]
    found: dict[str, float] = json.loads(line.removeprefix("TOLD"))
    return found
