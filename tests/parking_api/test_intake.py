"""Reading the topic, against a real broker."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewPartitions

from parking.session import Session
from parking_api.intake import Batch, Intake
from tests.support.broker import create_topics, kafka_broker, produce
from tests.support.live_gateway import ended, records, session

pytestmark = pytest.mark.broker


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    return f"processed-{request.node.name[:80]}".replace("[", "-").replace("]", "")


def read_until(intake: Intake, done: Callable[[Batch], bool], seconds: float = 20) -> list[Batch]:
    """Read until a batch satisfies ``done``; gives all batches."""
    deadline = time.monotonic() + seconds
    batches = [intake.read()]
    while not done(batches[-1]):
        assert time.monotonic() < deadline, f"not in {seconds} s; last: {batches[-1]}"
        batches.append(intake.read())
    return batches


def sessions_of(batches: list[Batch]) -> list[Session]:
    return [session for batch in batches for session in batch.sessions]


def ready(batch: Batch) -> bool:
    return batch.status.ready


def brought_something(batch: Batch) -> bool:
    return bool(batch.sessions)


def test_it_is_rebuilt_when_everything_was_read_and_goes_on_from_there(kafka, topic):
    stays = [session(f"P{n}", start=n) for n in range(1_200)]
    create_topics(kafka, [topic], partitions=3)
    produce(kafka, topic, records(*stays))
    with closing(Intake(kafka, topic)) as intake:
        batches = read_until(intake, ready)
        assert {s.session_id for s in sessions_of(batches)} == {s.session_id for s in stays}
        assert not any(batch.rebuilt for batch in batches[:-1])
        assert "partitions are still behind" in batches[0].status.reason
        produce(kafka, topic, records(ended(stays[0])))
        assert sessions_of(read_until(intake, brought_something)) == [ended(stays[0])]


def test_a_second_reader_reads_everything_too(kafka, topic):
    create_topics(kafka, [topic])
    produce(kafka, topic, records(session("P1")))
    for _ in range(2):
        with closing(Intake(kafka, topic)) as intake:
            assert len(sessions_of(read_until(intake, ready))) == 1


def test_an_empty_topic_is_rebuilt_at_once(kafka, topic):
    create_topics(kafka, [topic], partitions=2)
    with closing(Intake(kafka, topic)) as intake:
        assert read_until(intake, ready)[-1].rebuilt


@pytest.mark.parametrize("commit", [True, False])
def test_control_records_and_aborted_records_at_the_end_do_not_keep_it_waiting(kafka, topic, commit):
    create_topics(kafka, [topic])
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": topic})
    producer.init_transactions(30)
    producer.begin_transaction()
    for key, value in records(session("P1"), session("P2")):
        producer.produce(topic, key=key, value=value)
    producer.flush(30)
    producer.commit_transaction(30) if commit else producer.abort_transaction(30)
    with closing(Intake(kafka, topic)) as intake:
        assert len(sessions_of(read_until(intake, ready))) == (2 if commit else 0)


def test_a_topic_made_later_is_waited_for(kafka, topic):
    with closing(Intake(kafka, topic)) as intake:
        assert f"topic {topic}: " in intake.read().status.reason
        create_topics(kafka, [topic])
        produce(kafka, topic, records(session("P1")))
        assert len(sessions_of(read_until(intake, ready))) == 1


def test_added_partitions_are_read(kafka, topic):
    create_topics(kafka, [topic])
    with closing(Intake(kafka, topic)) as intake:
        read_until(intake, ready)
        admin = AdminClient({"bootstrap.servers": kafka})
        for made in admin.create_partitions([NewPartitions(topic, 3)]).values():
            made.result(30)
        while len(admin.list_topics(topic, timeout=10).topics[topic].partitions) < 3:
            time.sleep(0.05)
        produce(kafka, topic, records(session("P1")), partition=2)
        (read,) = sessions_of(read_until(intake, brought_something))
        assert read.license_plate == "P1"


def test_records_that_are_no_sessions_are_counted_and_the_first_is_named(kafka, topic, caplog):
    whole = session("P1").model_dump(mode="json")
    first_eight = {name: whole[name] for name in list(whole)[:8]}
    create_topics(kafka, [topic])
    odd = [
        (None, json.dumps(first_eight)),
        (None, "not json"),
        (None, "[]"),
        ("gone", None),
    ]
    produce(kafka, topic, [*odd, *records(session("P2"))])
    with closing(Intake(kafka, topic)) as intake:
        batches = read_until(intake, ready)
    assert [s.license_plate for s in sessions_of(batches)] == ["P2"]
    assert sum(batch.invalid for batch in batches) == 4
    assert f"4 records of {topic} skipped, the first: partition 0, offset 0: session_id: Field required" in caplog.text


def test_it_tells_how_much_it_has_not_read_yet(kafka, topic):
    create_topics(kafka, [topic])
    produce(kafka, topic, records(*(session(f"P{n}") for n in range(3_000))))
    with closing(Intake(kafka, topic)) as intake:
        read_until(intake, ready)
        intake._check()
        assert intake.read().status.lag == 0


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator:
    with kafka_broker(tmp_path) as broker:
        yield broker


def test_a_broker_that_goes_and_comes_back_is_told_and_read_again(own_broker, topic):
    create_topics(own_broker.bootstrap_servers, [topic])
    produce(own_broker.bootstrap_servers, topic, records(session("P1")))
    with closing(Intake(own_broker.bootstrap_servers, topic)) as intake:
        read_until(intake, ready)
        own_broker.stop()
        away = read_until(intake, lambda batch: not batch.status.ready)[-1]
        assert away.status.reason.startswith(f"broker {own_broker.bootstrap_servers} does not answer: ")
        assert away.rebuilt
        own_broker.start()
        read_until(intake, ready)
        produce(own_broker.bootstrap_servers, topic, records(session("P2")))
        (read,) = sessions_of(read_until(intake, brought_something))
        assert read.license_plate == "P2"


def test_no_broker_at_the_start_is_a_reason_and_no_error(topic):
    with closing(Intake("127.0.0.1:1", topic)) as intake:
        status = intake.read().status
        assert not status.ready
        assert status.reason.startswith("broker 127.0.0.1:1 does not answer: ")
