"""The programs as they are started, against a real broker."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from parking.event import CameraEvent
from parking_local.broker import Broker, BrokerSettings
from parking_local.ports import free_port
from parking_simulators.record import record
from parking_simulators.times import SECOND
from tests.support.broker import consume_all, create_topics
from tests.support.cameras import START, cameras_document, write_document
from tests.support.simulators import run_to_end, simulator

LATE = 20  # seconds that a busy test machine may be behind


@pytest.mark.broker
def test_cameras_report_until_sigterm_and_lose_nothing(kafka: str, tmp_path: Path) -> None:
    create_topics(kafka, ["cameras"], partitions=2)
    document = cameras_document(bays=40, bootstrap_servers=kafka, topic="cameras", event_interval="500ms")
    config = write_document(document, tmp_path)
    with simulator("cameras", "--config", str(config), folder=tmp_path) as program:
        assert program.wait_until_ready() == "cameras are watching"
        consume_all(kafka, "cameras", at_least=50)
        metrics = program.get("/metrics")
        assert program.terminate() == 0
        delivered = int(program.wait_for_log(r"(\d+) events delivered, 0 lost")[1])
    messages = consume_all(kafka, "cameras", at_least=delivered)
    assert len(messages) == delivered
    partitions = defaultdict(set)
    for message in messages:
        event = CameraEvent.model_validate_json(message.value())
        assert message.key() == event.license_plate.encode()
        assert -1 <= message.timestamp()[1] / 1_000 - event.timestamp_unix < LATE
        partitions[event.license_plate].add(message.partition())
    assert all(len(places) == 1 for places in partitions.values())
    assert 'parking_camera_events_sent_total{status="PARKED"}' in metrics
    assert "parking_camera_delivery_errors_total 0.0" in metrics
    assert "parking_camera_cars_present" in metrics
    assert "parking_camera_queue_depth" in metrics


@pytest.mark.broker
def test_after_the_planned_end_cameras_are_idle_and_ready(kafka: str, tmp_path: Path) -> None:
    create_topics(kafka, ["planned-end"])
    document = cameras_document(bootstrap_servers=kafka, topic="planned-end", duration_minutes=0)
    config = write_document(document, tmp_path)
    with simulator("cameras", "--config", str(config), folder=tmp_path) as program:
        assert program.wait_until_ready() == "planned end reached"
        program.wait_for_log("planned end reached: every car has left; idle until told to end")
        assert "parking_camera_cars_present 0.0" in program.get("/metrics")
        assert program.terminate() == 0
    events = [json.loads(message.value()) for message in consume_all(kafka, "planned-end")]
    assert {event["status_code"] for event in events} <= {"EXITING"}


@pytest.mark.broker
def test_a_broker_that_comes_later_is_found(tmp_path: Path) -> None:
    port = free_port()
    document = cameras_document(bays=40, bootstrap_servers=f"127.0.0.1:{port}", event_interval="500ms")
    config = write_document(document, tmp_path)
    broker = Broker(BrokerSettings(port=port, data_dir=tmp_path / "kafka", partitions=1))
    with simulator("cameras", "--config", str(config), folder=tmp_path) as program:
        assert json.loads(program.get("/readyz"))["ready"] is False
        try:
            broker.start()
            create_topics(broker.bootstrap_servers, ["raw-data"])
            program.wait_until_ready()
            assert consume_all(broker.bootstrap_servers, "raw-data", at_least=50)
            assert program.terminate() == 0
        finally:
            broker.stop()


@pytest.mark.broker
def test_a_file_is_played_in_its_order(kafka: str, tmp_path: Path) -> None:
    create_topics(kafka, ["replay"])
    file = tmp_path / "events.jsonl"
    written = record(cameras_document(bays=40), START, START + 60 * SECOND, file)
    argv = ["replay", str(file), "--bootstrap-servers", kafka, "--topic", "replay", "--speed", "max"]
    for options in ([], ["--shift-to-now"]):
        played = run_to_end(*argv, *options)
        assert played.returncode == 0, played.stderr
        assert f"{written} events delivered, 0 lost" in played.stderr
    values = [message.value() for message in consume_all(kafka, "replay", at_least=2 * written)]
    lines = file.read_bytes().splitlines()
    assert values[:written] == lines
    shifts = {
        json.loads(new)["timestamp_unix"] - json.loads(old)["timestamp_unix"]
        for old, new in zip(lines, values[written:], strict=True)
    }
    assert len(shifts) == 1
    assert shifts.pop() > 0


@pytest.mark.broker
def test_a_replay_stops_at_a_record_that_is_no_event(kafka: str, tmp_path: Path) -> None:
    create_topics(kafka, ["replay-wrong"])
    file = tmp_path / "events.jsonl"
    file.write_text("plate,bay\n")
    played = run_to_end("replay", str(file), "--bootstrap-servers", kafka, "--topic", "replay-wrong")
    assert played.returncode == 2
    assert "record 1: NOT_JSON: record" in played.stderr.splitlines()[-1]


def test_record_writes_a_file(tmp_path: Path) -> None:
    config, output = write_document(cameras_document(), tmp_path), tmp_path / "events.jsonl"
    argv = ["record", "--config", str(config), "--start", "2026-01-01T00:00:00Z", "--duration", "1m"]
    recorded = run_to_end(*argv, "--output", str(output))
    assert recorded.returncode == 0, recorded.stderr
    assert f"{len(output.read_text().splitlines())} events written to {output}" in recorded.stderr


def test_wrong_input_ends_with_2_and_one_line(tmp_path: Path) -> None:
    ended = run_to_end("cameras", "--config", str(tmp_path / "gone.json"))
    assert ended.returncode == 2
    assert ended.stderr == f"--config: {tmp_path / 'gone.json'} cannot be read: No such file or directory\n"
