"""Both engines on real Kafka: the same recording, the same table, whatever happens to the process in between."""

import json
import random
import time
from itertools import pairwise
from pathlib import Path

import pytest

from parking.event import MAX_EVENT_BYTES, RefusalReason
from tests.support.broker import consume_all, produce
from tests.support.recording import PARTITIONS, event, judge, play, recording
from tests.support.session_job import SessionJob, document
from tests.support.sessions_topic import all_ended, make_topics, table_reader

pytestmark = [pytest.mark.broker, pytest.mark.timeout(420)]
SPARK = pytest.param("Spark", "AtLeastOnce", marks=pytest.mark.spark, id="spark")
TRANSACTIONS = pytest.param("Embedded", "ExactlyOnce", id="embedded")
AT_LEAST_ONCE = pytest.param("Embedded", "AtLeastOnce", id="embedded-at-least-once")
TIMEOUT = 5


def names(prefix: str) -> dict[str, str]:
    return {topic: f"{prefix}-{topic}" for topic in ("raw", "processed", "quarantine")}


@pytest.mark.parametrize(("engine", "delivery"), [SPARK, TRANSACTIONS, AT_LEAST_ONCE])
def test_five_kills_lose_and_double_nothing(kafka: str, tmp_path: Path, engine: str, delivery: str) -> None:
    settings = {"engine": engine, "delivery": delivery, "timeoutSeconds": TIMEOUT, "maxEventsPerTrigger": 300}
    job = document(kafka, tmp_path, topics=names(f"kill-{engine}-{delivery}"), **settings)
    make_topics(job, PARTITIONS, stamp="CreateTime")
    recorded = recording(random.Random(7), 12_000, timeout=TIMEOUT)
    expected = judge(job, recorded)
    moments = random.Random(8)
    kills = sorted(moments.sample(range(1_000, len(recorded)), 5))
    runner = SessionJob(job, tmp_path)
    with table_reader(job, PARTITIONS) as reader, runner:
        for begin, end in pairwise([0, *kills]):
            half = (begin + end) // 2
            play(kafka, job.topics.raw, recorded[begin:half])
            before = reader.records
            reader.read_until(lambda _: reader.records > before, 90)  # noqa: B023 - called at once
            play(kafka, job.topics.raw, recorded[half:end])
            time.sleep(moments.uniform(0, 0.3))  # the moment is what the test is about
            runner.kill()
            runner.start()
        play(kafka, job.topics.raw, recorded[kills[-1] :])
        table = reader.read_until(lambda t: all_ended(t) and t.keys() >= expected.keys(), 120)
        assert table == expected
        assert {row["status"] for row in table.values()} == {"CLOSED", "TIMEOUT"}
        if delivery == "ExactlyOnce":
            assert reader.doubles == []
        assert runner.stop() == 0


@pytest.mark.spark
def test_the_engine_of_a_running_lot_may_change_and_change_back(kafka: str, tmp_path: Path) -> None:
    """Each takes over open sessions, tombstones and clocks of the other; an old checkpoint of Spark's is left alone."""
    jobs = {
        engine: document(
            kafka, tmp_path, topics=names("handover"), engine=engine, delivery="ExactlyOnce", timeoutSeconds=20
        )
        for engine in ("Spark", "Embedded")
    }
    make_topics(jobs["Spark"], PARTITIONS, stamp="CreateTime")
    recorded = recording(random.Random(5), 8_000, timeout=20)
    expected = judge(jobs["Spark"], recorded)
    turns = ["Spark", "Embedded", "Spark", "Embedded"]
    cuts = [0, 2_000, 4_000, 6_000, len(recorded)]
    with table_reader(jobs["Spark"], PARTITIONS) as reader:
        for engine, (begin, end) in zip(turns, pairwise(cuts), strict=True):
            play(kafka, "handover-raw", recorded[begin:end])
            with SessionJob(jobs[engine], tmp_path / engine) as runner:
                if end < len(recorded):
                    newest = judge(jobs["Spark"], recorded[:end])
                    arrivals = {row["session_id"]: row["last_arrival"] for row in newest.values()}
                    reader.read_until(
                        lambda t: all(i in t and t[i]["last_arrival"] >= a for i, a in arrivals.items()),  # noqa: B023 - called at once
                        90,
                    )
                else:
                    reader.read_until(lambda t: all_ended(t) and t.keys() >= expected.keys(), 120)
                assert any(row["status"] == "ACTIVE" for row in reader.table.values()) or end == len(recorded)
                assert runner.stop() == 0
        assert reader.table == expected
        assert reader.doubles == []


@pytest.mark.parametrize(("engine", "delivery"), [SPARK, TRANSACTIONS, AT_LEAST_ONCE])
def test_every_refusal_reaches_quarantine_with_its_reason_and_its_neighbours_reach_the_table(
    kafka: str, tmp_path: Path, engine: str, delivery: str
) -> None:
    topics = names(f"refuse-{engine}-{delivery}")
    job = document(kafka, tmp_path, topics=topics, engine=engine, delivery=delivery)
    make_topics(job, PARTITIONS)
    now = int(time.time())
    good = json.loads(event("51A-1", "A1", "PARKED", now))
    bad = {
        RefusalReason.NOT_JSON: b"\xff no json",
        RefusalReason.MISSING_FIELD: json.dumps({k: v for k, v in good.items() if k != "location"}).encode(),
        RefusalReason.MISTYPED_FIELD: json.dumps(good | {"timestamp_unix": "soon"}).encode(),
        RefusalReason.UNKNOWN_STATUS: json.dumps(good | {"status_code": "FLYING"}).encode(),
        RefusalReason.UNKNOWN_BAY: json.dumps(good | {"location": "Z99"}).encode(),
        RefusalReason.EMPTY_PLATE: json.dumps(good | {"license_plate": " "}).encode(),
        RefusalReason.CLOCK_SKEW: event("51A-1", "A1", "PARKED", now + 3_600),
        RefusalReason.TOO_LARGE: json.dumps(good | {"note": "x" * MAX_EVENT_BYTES}).encode(),
    }
    assert set(bad) == set(RefusalReason)
    records = [
        record
        for number, (reason, value) in enumerate(bad.items())
        for record in (
            (f"51A-{number}", event(f"51A-{number}", "a1", "ENTERING", now)),
            (reason, value),
            (f"51B-{number}", event(f"51B-{number}", "A2", "ENTERING", now)),
        )
    ]
    produce(kafka, topics["raw"], records, partition=2)
    with SessionJob(job, tmp_path) as runner, table_reader(job, PARTITIONS) as reader:
        table = reader.read_until(lambda t: len(t) == 2 * len(bad), 120)
        assert {row["partition"] for row in table.values()} == {2}
        quarantined = consume_all(kafka, topics["quarantine"], at_least=len(bad), timeout=60)
        found = {}
        for record in quarantined:
            headers = {name: value.decode() for name, value in record.headers()}
            found[headers["reason"]] = record.value()
            assert records[int(headers["offset"])] == (record.key().decode(), record.value())
            assert (headers["topic"], headers["partition"]) == (topics["raw"], "2")
        assert found == {str(reason): value for reason, value in bad.items()}
        runner.wait_ready()
        deadline = time.monotonic() + 30
        while f"parking_sessions_quarantined_total {len(bad)}.0" not in runner.metrics():
            assert time.monotonic() < deadline, runner.metrics()
            time.sleep(0.1)
        assert runner.stop() == 0
