"""Reading the road's topics, against a real broker."""

import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest

from parking.road import RoadTopic
from parking_api.road_intake import Reports, RoadIntake
from tests.support.broker import create_topics, produce
from tests.support.live_gateway import ROAD
from tests.support.road_records import record

pytestmark = pytest.mark.broker


def told(topic: RoadTopic, device: str) -> tuple[str, bytes]:
    return device, record(topic, deviceId=device, timestamp=datetime.now(UTC).isoformat())


def read_until(intake: RoadIntake, done: Callable[[list[Reports]], bool], seconds: float = 30) -> list[Reports]:
    deadline, found = time.monotonic() + seconds, [intake.read()]
    while not done(found):
        assert time.monotonic() < deadline, f"not in {seconds} s: {found[-3:]}"
        found.append(intake.read())
    return found


def devices(found: list[Reports]) -> set[str]:
    return {each.record.device_id for reports in found for each in reports.records}


def test_it_begins_a_little_before_now_and_skips_what_is_none(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parking_api.road_intake.LOOK_EVERY_SECONDS", 0.2)
    topics = {"gps_topic": "road-intake-gps", "emergency_topic": "road-intake-emergency"}
    with closing(RoadIntake(kafka, ROAD.model_copy(update=topics))) as intake:
        assert intake.read() == Reports(), "its topics are not there yet"
        create_topics(kafka, list(topics.values()), partitions=2)
        produce(kafka, topics["gps_topic"], [told(RoadTopic.GPS, "veh-a"), ("veh-b", b"nonsense")])
        found = read_until(intake, lambda found: devices(found) >= {"veh-a"} and any(each.refused for each in found))
        assert sum(each.refused for each in found) == 1
        produce(kafka, topics["emergency_topic"], [told(RoadTopic.EMERGENCY, "veh-c")])
        read_until(intake, lambda found: devices(found) == {"veh-c"})
