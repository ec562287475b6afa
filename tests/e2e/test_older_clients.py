"""What was written for the older scripts keeps working: their config.json, a producer of the five raw fields, a
consumer of the eight session fields, and dashboards on Socket.IO in Python and JavaScript."""

import json
import threading
import time

import kafka as kafka_python
import pytest
import socketio

from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

EIGHT = ("license_plate", "location", "start_time", "end_time", "duration", "cost", "status", "last_updated")


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
