"""The embedded engine as a group: sharing partitions, handing them over, falling silent, losing its broker."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.broker import create_topics, kafka_broker
from tests.support.recording import PARTITIONS, Recorded, event, judge, play, recorded_in, recording
from tests.support.session_job import SessionJob, document
from tests.support.sessions_topic import all_ended, make_topics, table_reader

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]
TIMEOUT = 5


def embedded(kafka: str, folder: Path, prefix: str, *, stamp: str = "CreateTime", **changes: object):
    topics = {topic: f"{prefix}-{topic}" for topic in ("raw", "processed", "quarantine")}
    settings = {"engine": "Embedded", "delivery": "ExactlyOnce", "timeoutSeconds": TIMEOUT, "topics": topics}
    job = document(kafka, folder, **settings | changes)
    make_topics(job, PARTITIONS, stamp=stamp)
    return job


def held(runner: SessionJob) -> list[int]:
    """Partitions that a process holds, as its log tells."""
    told = re.findall(r"holding partitions=(\[.*\])", runner.log.read_text())
    return json.loads(told[-1]) if told else []


def wait_until(true: Callable[[], bool], *runners: SessionJob, timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline, "\n\n".join(runner.tail() for runner in runners)
        time.sleep(0.1)


def test_from_one_to_three_to_two_processes_under_load(kafka: str, tmp_path: Path) -> None:
    job = embedded(kafka, tmp_path, "scale")
    recorded = recording(random.Random(11), 30_000, timeout=TIMEOUT)
    expected = judge(job, recorded)
    feeder = threading.Thread(target=play, args=(kafka, job.topics.raw, recorded), kwargs={"per_second": 1_000})
    one, two, three = (SessionJob(job, tmp_path, instance=f"sessions-{n}") for n in (1, 2, 3))
    with table_reader(job, PARTITIONS) as reader, one, two.ended_at_last(), three.ended_at_last():
        feeder.start()
        reader.read_until(lambda t: len(t) > 100, 60)
        two.start()
        three.start()
        wait_until(lambda: bool(held(two) and held(three)), two, three)
        before = reader.records
        reader.read_until(lambda _: reader.records > before + 1_000, 60)
        assert one.stop() == 0
        feeder.join()
        table = reader.read_until(lambda t: all_ended(t) and t.keys() >= expected.keys(), 120)
        assert table == expected
        assert reader.doubles == [], "read-committed consumers see each update once, also across hand-overs"
        assert (two.stop(), three.stop()) == (0, 0)


def test_a_quick_restart_moves_no_partition(kafka: str, tmp_path: Path) -> None:
    job = embedded(kafka, tmp_path, "restart")
    one, two = (SessionJob(job, tmp_path, instance=f"sessions-{n}") for n in (1, 2))
    with one, two:
        wait_until(lambda: len(held(one)) == len(held(two)) == 2, one, two)
        mine, known = held(one), two.log.read_text()
        one.kill()
        one.log.write_text("")
        one.start()
        wait_until(lambda: held(one) == mine, one, two)
        assert "partitions=" not in two.log.read_text().removeprefix(known)


def test_a_process_that_slept_through_the_loss_of_its_partitions_doubles_nothing(kafka: str, tmp_path: Path) -> None:
    job = embedded(kafka, tmp_path, "sleeper")
    recorded = recording(random.Random(2), 24_000, timeout=TIMEOUT)
    expected = judge(job, recorded)
    feeder = threading.Thread(target=play, args=(kafka, job.topics.raw, recorded), kwargs={"per_second": 800})
    sleeper, other = (SessionJob(job, tmp_path, instance=f"sessions-{n}") for n in (1, 2))
    with table_reader(job, PARTITIONS) as reader, sleeper, other:
        wait_until(lambda: len(held(sleeper)) == len(held(other)) == 2, sleeper, other)
        feeder.start()
        reader.read_until(lambda t: len(t) > 50, 60)
        os.kill(sleeper.pid, signal.SIGSTOP)
        wait_until(lambda: len(held(other)) == PARTITIONS, other)
        os.kill(sleeper.pid, signal.SIGCONT)
        feeder.join()
        table = reader.read_until(lambda t: all_ended(t) and t.keys() >= expected.keys(), 120)
        assert table == expected
        assert reader.doubles == []


OWNER_THAT_NEVER_LETS_GO = """
import sys, time
from confluent_kafka import Consumer
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": sys.argv[2], "group.instance.id": "sessions-1",
                     "partition.assignment.strategy": "cooperative-sticky", "session.timeout.ms": 40000})
held = []
consumer.subscribe([sys.argv[3]], on_assign=lambda _, places: held.extend(places))
while not held:
    consumer.poll(0.1)
print("holding", flush=True)
time.sleep(600)
"""


def test_partitions_left_behind_in_the_middle_of_a_hand_over_find_an_owner(kafka: str, tmp_path: Path) -> None:
    """Their owner dies after the first round of the group's protocol and is back before anybody misses it."""
    job = embedded(kafka, tmp_path, "orphans")
    argv = [sys.executable, "-c", OWNER_THAT_NEVER_LETS_GO, kafka, job.group, job.topics.raw]
    owner = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    one, two = (SessionJob(job, tmp_path, instance=f"sessions-{n}") for n in (1, 2))
    try:
        assert owner.stdout
        assert owner.stdout.readline() == "holding\n"
        with two:
            wait_until(lambda: "gained partitions=[]" in two.log.read_text(), two)
            owner.kill()
            with one:
                wait_until(lambda: "nobody holds partitions=" in one.log.read_text() + two.log.read_text(), one, two)
                wait_until(lambda: sorted(held(one) + held(two)) == [*range(PARTITIONS)], one, two)
    finally:
        owner.kill()
        owner.wait()


def test_a_silent_lot_times_out_without_input(kafka: str, tmp_path: Path) -> None:
    job = embedded(kafka, tmp_path, "silence")
    now = int(time.time())
    with SessionJob(job, tmp_path), table_reader(job, PARTITIONS) as reader:
        play(kafka, job.topics.raw, [Recorded(2, "51A-1", event("51A-1", "A1", "PARKED", now), now * 1_000)])
        reader.read_until(lambda t: len(t) == 1, 30)
        begun = time.monotonic()
        (row,) = reader.read_until(all_ended, 30).values()
        assert row["status"] == "TIMEOUT"
        assert time.monotonic() - begun > TIMEOUT


def test_it_outlives_its_broker(tmp_path: Path) -> None:
    with kafka_broker(tmp_path) as broker:
        # With the broker's own stamps: for as long as it is away, nothing arrives.
        job = embedded(broker.bootstrap_servers, tmp_path, "outage", stamp="LogAppendTime")
        recorded = recording(random.Random(3), 4_000, timeout=TIMEOUT)
        with SessionJob(job, tmp_path) as runner:
            play(broker.bootstrap_servers, job.topics.raw, recorded[:2_000])
            runner.wait_ready()
            broker.kill()
            time.sleep(2)  # an outage takes time
            broker.start()
            play(broker.bootstrap_servers, job.topics.raw, recorded[2_000:])
            expected = judge(job, recorded_in(job))
            with table_reader(job, PARTITIONS) as reader:
                table = reader.read_until(lambda t: all_ended(t) and t.keys() >= expected.keys(), 120)
                assert table == expected
                assert reader.doubles == []
            assert runner.stop() == 0


def test_a_processed_topic_without_a_mirror_for_each_partition_is_refused(kafka: str, tmp_path: Path) -> None:
    topics = {"raw": "narrow-raw", "processed": "narrow-processed", "quarantine": "narrow-quarantine"}
    create_topics(kafka, ["narrow-raw"], partitions=3)
    create_topics(kafka, ["narrow-processed"], partitions=2)
    runner = SessionJob(document(kafka, tmp_path, engine="Embedded", topics=topics), tmp_path)
    with runner:
        assert runner.wait() == 2
    assert "topic narrow-processed: 2 partitions are too few; allowed: as many as narrow-raw has (3) or more" in (
        runner.tail()
    )
