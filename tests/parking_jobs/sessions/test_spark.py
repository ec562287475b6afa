"""The job through real Spark and real Kafka."""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from parking.event import MAX_EVENT_BYTES, RefusalReason
from tests.support.broker import consume_all, produce
from tests.support.session_job import SessionJob, document
from tests.support.sessions_topic import all_ended, make_topics, oracle_of, table_reader

pytestmark = [pytest.mark.spark, pytest.mark.broker, pytest.mark.timeout(420)]
PARTITIONS = 4


def event(plate: str, bay: str, status: str, *, ahead: int = 0) -> tuple[str, bytes]:
    now = int(time.time()) + ahead
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
    values = {"timestamp": stamp, "timestamp_unix": now, "license_plate": plate, "location": bay, "status_code": status}
    return plate, json.dumps(values).encode()


def traffic(rng: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Forty cars with disorder, duplicates, exits, missed exits and a broken record now and then."""
    for _ in range(count):
        car = rng.randrange(40)
        status = rng.choices(["ENTERING", "PARKED", "MOVING", "EXITING"], [2, 6, 1, 2])[0]
        one = event(f"51A-{car:03}", f"A{1 + car % 30}", status, ahead=rng.choice([0, 0, 0, -1, -3, -30]))
        yield from [one] * rng.choice([1, 1, 1, 2])
        if rng.random() < 0.01:
            yield "broken", b'{"license_plate": '


def test_three_kills_lose_and_double_nothing(kafka: str, tmp_path: Path) -> None:
    topics = {"raw": "kill-raw", "processed": "kill-processed", "quarantine": "kill-quarantine"}
    job = document(kafka, tmp_path, topics=topics, timeoutSeconds=5, maxEventsPerTrigger=500)
    make_topics(job, PARTITIONS)
    rng = random.Random(7)
    runner = SessionJob(job, tmp_path)
    with table_reader(job, PARTITIONS) as reader, runner:
        for _ in range(3):
            produce(kafka, "kill-raw", traffic(rng, 3_000))
            before = reader.records
            reader.read_until(lambda _: reader.records > before, 90)  # noqa: B023 - called at once
            produce(kafka, "kill-raw", traffic(rng, 200))
            runner.kill()
            produce(kafka, "kill-raw", traffic(rng, 500))
            runner.start()
        oracle = oracle_of(job)
        oracle.tick(dict.fromkeys(range(PARTITIONS), 2**60))
        table = reader.read_until(lambda t: all_ended(t) and t.keys() >= oracle.table.keys(), 120)
        assert table == oracle.table
        assert {row["status"] for row in table.values()} == {"CLOSED", "TIMEOUT"}
        assert runner.stop() == 0


def test_every_refusal_reaches_quarantine_with_its_reason_and_its_neighbours_reach_the_table(
    kafka: str, tmp_path: Path
) -> None:
    job = document(kafka, tmp_path, topics={"raw": "q-raw", "processed": "q-processed", "quarantine": "q-quarantine"})
    make_topics(job, PARTITIONS)
    good = json.loads(event("51A-1", "A1", "PARKED")[1])
    bad = {
        RefusalReason.NOT_JSON: b"\xff no json",
        RefusalReason.MISSING_FIELD: json.dumps({k: v for k, v in good.items() if k != "location"}).encode(),
        RefusalReason.MISTYPED_FIELD: json.dumps(good | {"timestamp_unix": "soon"}).encode(),
        RefusalReason.UNKNOWN_STATUS: json.dumps(good | {"status_code": "FLYING"}).encode(),
        RefusalReason.UNKNOWN_BAY: json.dumps(good | {"location": "Z99"}).encode(),
        RefusalReason.EMPTY_PLATE: json.dumps(good | {"license_plate": " "}).encode(),
        RefusalReason.CLOCK_SKEW: event("51A-1", "A1", "PARKED", ahead=3_600)[1],
        RefusalReason.TOO_LARGE: json.dumps(good | {"note": "x" * MAX_EVENT_BYTES}).encode(),
    }
    assert set(bad) == set(RefusalReason)
    records = [
        record
        for number, (reason, value) in enumerate(bad.items())
        for record in (
            event(f"51A-{number}", "a1", "ENTERING"),
            (reason, value),
            event(f"51B-{number}", "A2", "ENTERING"),
        )
    ]
    produce(kafka, "q-raw", records, partition=2)
    with SessionJob(job, tmp_path) as runner, table_reader(job, PARTITIONS) as reader:
        table = reader.read_until(lambda t: len(t) == 2 * len(bad), 120)
        assert {row["partition"] for row in table.values()} == {2}
        quarantined = consume_all(kafka, "q-quarantine", at_least=len(bad), timeout=60)
        found = {}
        for record in quarantined:
            headers = {name: value.decode() for name, value in record.headers()}
            found[headers["reason"]] = record.value()
            assert records[int(headers["offset"])] == (record.key().decode(), record.value())
            assert (headers["topic"], headers["partition"]) == ("q-raw", "2")
        assert found == {str(reason): value for reason, value in bad.items()}
        runner.wait_ready()
        deadline = time.monotonic() + 30
        while f"parking_sessions_quarantined_total {len(bad)}.0" not in runner.metrics():
            assert time.monotonic() < deadline, runner.metrics()
            time.sleep(0.1)
        assert runner.stop() == 0
