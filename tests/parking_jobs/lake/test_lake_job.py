"""The job on real Spark beside a real broker, judged by DuckDB: counts and sums equal what was sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from parking.road import RoadTopic
from parking_local.broker import Broker
from tests.support.broker import create_topics, kafka_broker, produce
from tests.support.lake import TOPICS, LakeJob, Tables, document, embedded_catalogue
from tests.support.road_records import record, session

pytestmark = [pytest.mark.spark, pytest.mark.broker, pytest.mark.timeout(420)]

STAMPED = {"message.timestamp.type": "LogAppendTime"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with kafka_broker(tmp_path_factory.mktemp("broker")) as running:
        create_topics(running.bootstrap_servers, TOPICS, partitions=2, config=STAMPED)
        yield running


def send(broker: Broker, topic: RoadTopic, numbers: range, **changes: object) -> None:
    values = ((f"veh-{n % 7}", record(topic, n, **changes)) for n in numbers)
    produce(broker.bootstrap_servers, topic, values)


def test_the_lake_from_the_first_record_to_the_upkeep(broker: Broker, tmp_path: Path) -> None:
    lake = document(broker.bootstrap_servers, tmp_path / "lake")
    job, tables = LakeJob(lake, tmp_path), Tables(embedded_catalogue(lake))
    try:
        # All five topics flow, what is refused is kept, what comes twice is stored once.
        for topic in RoadTopic:
            send(broker, topic, range(200))
        send(broker, RoadTopic.VEHICLE, range(150, 160))
        produce(broker.bootstrap_servers, RoadTopic.VEHICLE, [("veh-0", b"nonsense"), ("veh-1", b"{}")])
        produce(
            broker.bootstrap_servers, "processed-data", [(f"{n}", session(n, v)) for v in (2, 4) for n in range(20)]
        )
        job.start().wait_until(lambda: all(tables.count(topic.name.lower()) == 200 for topic in RoadTopic))
        job.wait_until(lambda: tables.count("quarantine") == 2 and tables.count("sessions") == 20)
        job.wait_ready()
        assert 'parking_lake_refused_total{table="vehicle"} 2.0' in job.metrics()

        # kill -9 with a backlog coming in: nothing is lost and nothing doubled.
        for begin in range(200, 1_100, 300):
            job.kill()
            for topic in RoadTopic:
                send(broker, topic, range(begin, begin + 300))
            send(broker, RoadTopic.GPS, range(begin - 50, begin))
            produce(broker.bootstrap_servers, RoadTopic.GPS, [("veh-0", f"bad {begin}".encode())])
            produce(broker.bootstrap_servers, "processed-data", [(f"{n}", session(n, begin)) for n in range(20)])
            job.start().wait_until(lambda begin=begin: tables.count("gps") > begin)  # some of it, not all
        job.wait_until(lambda: all(tables.count(topic.name.lower()) == 1_100 for topic in RoadTopic))
        job.wait_until(lambda: tables.count("quarantine") == 5)
        job.wait_until(lambda: tables.query("SELECT min(version) FROM {sessions}") == [(800,)])
        for begin in range(1_100, 1_130, 10):  # a file each
            for topic in RoadTopic:
                send(broker, topic, range(begin, begin + 10))
            job.wait_until(lambda end=begin + 10: all(tables.count(topic.name.lower()) == end for topic in RoadTopic))
        assert job.stop() == 0
        judge(tables)

        # The upkeep puts files together, and neither it nor a restart after it changes a row.
        young = document(broker.bootstrap_servers, tmp_path / "lake", window="0s")
        before = files_of(tables, "gps")
        assert before > 5
        told = LakeJob(young, tmp_path / "upkeep").upkeep()
        assert f"gps: compact: rewritten_data_files_count={before} added_data_files_count=1 " in told
        assert files_of(tables, "gps") == 1
        judge(tables)
        job.start().wait_ready()
        send(broker, RoadTopic.GPS, range(1_130, 1_140))
        job.wait_until(lambda: tables.count("gps") == 1_140)
        assert tables.count("quarantine") == 5
    finally:
        job.kill()


def files_of(tables: Tables, table: str) -> int:
    """Count the data files that a table consists of."""
    metadata = tables.scans()[table].replace("iceberg_scan", "iceberg_metadata")
    return tables.query(f"SELECT count(*) FROM {metadata} WHERE manifest_content = 'DATA' AND status <> 'DELETED'")[0][
        0
    ]


def judge(tables: Tables) -> None:
    """Hold the tables against what was sent."""
    for topic in RoadTopic:
        name = topic.name.lower()
        (told,) = tables.query(f"SELECT count(*), count(DISTINCT id), min(id), max(kafka_partition) FROM {{{name}}}")
        assert told == (1_130, 1_130, f"{name}-0", 1), name
    assert tables.query("SELECT sum(speed), sum(accuracy) FROM {gps}") == [(1_130 * 41.0, 1_130 * 4.5)]
    refused = tables.query("SELECT topic, reason, count(*) FROM {quarantine} GROUP BY ALL ORDER BY ALL")
    assert refused == [
        ("gps_data", "NOT_JSON", 3),
        ("vehicle_data", "MISSING_FIELD", 1),
        ("vehicle_data", "NOT_JSON", 1),
    ]
    assert tables.query("SELECT count(*), sum(duration), min(version) FROM {sessions}") == [(20, 20 * 800, 800)]
    assert tables.query("SELECT DISTINCT snapshot_data FROM {traffic}") == [(b"\xff\xd8\xff\xe0",)]
