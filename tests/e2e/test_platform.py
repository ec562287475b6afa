"""The whole platform on this machine with the embedded engine, from an imported config.json on.

What was written for the older scripts keeps working: a producer of the five raw fields, a consumer of the eight session
fields, dashboards on Socket.IO. What crashes comes back, and data survives a restart.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import kafka as kafka_python
import pytest
import socketio
import yaml

from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

CONFIG = {
    "kafka_servers": ["localhost:9092"],
    "num_cameras": 3,
    "kafka_topic": "raw-data",
    "output_topic_sessions": "processed-data",
    "block_price": 10_000,
    "block_seconds": 600,
}
EIGHT = ("license_plate", "location", "start_time", "end_time", "duration", "cost", "status", "last_updated")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A lot that is up, with simulated cars in it."""
    folder = tmp_path_factory.mktemp("older")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    argv = [sys.executable, "-m", "parking_local", "import-config", str(folder / "config.json")]
    manifest = yaml.safe_load(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    manifest["spec"]["sessions"] = {"engine": "Embedded", "processes": 2}
    with Platform(manifest, folder) as started:
        yield started.wait_live()


def send(platform: Platform, plate: str, bay: str, *statuses: str) -> None:
    """A minimal producer: the five fields, a second between the events."""
    producer = kafka_python.KafkaProducer(
        bootstrap_servers=platform.bootstrap_servers,
        key_serializer=str.encode,
        value_serializer=lambda value: json.dumps(value).encode(),
    )
    start = int(time.time()) - len(statuses)
    for number, status in enumerate(statuses):
        now = start + number
        producer.send(
            "raw-data",
            key=plate,
            value={
                "timestamp": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now)),
                "timestamp_unix": now,
                "license_plate": plate,
                "location": bay,
                "status_code": status,
            },
        )
    producer.flush()
    producer.close()


def test_a_producer_of_five_fields_and_a_consumer_of_eight(platform: Platform) -> None:
    send(platform, "29A-00001", "B7", "ENTERING", "PARKED", "MOVING", "EXITING")
    consumer = kafka_python.KafkaConsumer(
        "processed-data",
        bootstrap_servers=platform.bootstrap_servers,
        auto_offset_reset="earliest",
        value_deserializer=json.loads,
        consumer_timeout_ms=60_000,
    )
    closed = next(
        {field: record.value[field] for field in EIGHT}
        for record in consumer
        if record.value["license_plate"] == "29A-00001" and record.value["status"] == "CLOSED"
    )
    consumer.close()
    assert closed["location"] == "B7"
    assert (closed["duration"], closed["cost"]) == (3, 10_000)
    assert closed["end_time"] - closed["start_time"] == 3


def test_a_python_dashboard_receives_every_event(platform: Platform) -> None:
    seen: dict[str, list] = {}
    arrived = threading.Condition()
    client = socketio.Client()

    @client.on("*", namespace="/parking")
    def heard(event: str, data: dict) -> None:
        with arrived:
            seen.setdefault(event, []).append(data)
            arrived.notify_all()

    def wait_for(what, timeout: float = 60) -> None:
        with arrived:
            assert arrived.wait_for(what, timeout), f"heard only {sorted(seen)}"

    client.connect(platform.url, namespaces=["/parking"])
    try:
        wait_for(lambda: "initial_data" in seen)
        assert set(seen["initial_data"][0]) >= {"active_sessions", "statistics", "free_locations", "busy_locations"}
        send(platform, "29A-00002", "A3", "ENTERING", "PARKED")
        wait_for(lambda: any(row["license_plate"] == "29A-00002" for row in seen.get("parking_update", ())))
        send(platform, "29A-00002", "A3", "EXITING")
        wait_for(lambda: any(row["license_plate"] == "29A-00002" for row in seen.get("exit_notification", ())))
        row = next(row for row in seen["exit_notification"] if row["license_plate"] == "29A-00002")
        assert set(row) >= {"type", "license_plate", "location", "duration", "cost", "timestamp", "message"}
        assert (row["type"], row["location"]) == ("EXIT", "A3")
        assert set(seen["parking_update"][0]) >= set(EIGHT)
        wait_for(lambda: {"statistics_update", "duration_update"} <= set(seen))
        assert set(seen["duration_update"][0]) >= {"active_sessions", "statistics"}
        client.emit("request_location", {"location_id": "a3"}, namespace="/parking")
        wait_for(lambda: "location_info" in seen)
        assert seen["location_info"][0]["location"] == "A3"
        client.emit("request_update", namespace="/parking")
        wait_for(lambda: len(seen["initial_data"]) > 1)
    finally:
        client.disconnect()


def closed(platform: Platform) -> int:
    return platform.get("/api/statistics")["closed_sessions_total"]


def test_a_killed_gateway_comes_back_with_the_whole_table(platform: Platform) -> None:
    before = platform.until(lambda: closed(platform), 120, "closed sessions")
    killed = platform.processes()["parking_api"]
    killed.kill()
    platform.until(lambda: platform.processes().get("parking_api", killed) != killed, 60, "a new gateway")
    platform.wait_live()
    assert closed(platform) >= before


def test_the_second_start_goes_on_where_the_first_ended(platform: Platform) -> None:
    before = closed(platform)
    assert platform.stop() == 0
    platform.start().wait_live()
    assert closed(platform) >= before
    platform.until(lambda: closed(platform) > before, 120, "sessions that end after the restart")
