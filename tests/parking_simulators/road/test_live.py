"""A road against a clock that only sleeping moves."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from parking.event import CameraEvent
from parking.road import RECORDS, RoadTopic
from parking_simulators.live import MAX_BEHIND
from parking_simulators.metrics import exposition
from parking_simulators.publish import Publisher
from parking_simulators.road.claims import Claims
from parking_simulators.road.live import LiveRoad
from parking_simulators.road.metrics import RoadMetrics
from parking_simulators.times import SECOND, Time
from tests.parking_simulators.road.support import road_document, simulation
from tests.support.cameras import START, FakeClock

Sent = list[tuple[Time, str, Any]]
DOCUMENT = road_document()


def live(clock: FakeClock, meanwhile: Callable[[], None] = lambda: None) -> tuple[LiveRoad, Claims, Sent]:
    sent: Sent = []

    def send(key: str, value: str, topic: str) -> None:
        if topic == "raw-data":
            event = CameraEvent.model_validate_json(value)
            assert event.license_plate == key
            sent.append((clock.now(), topic, event))
        else:
            record = RECORDS[RoadTopic(topic)].model_validate_json(value)
            assert record.device_id == key
            sent.append((clock.now(), topic, record))

    claims = Claims(DOCUMENT.snapshots, None)
    return LiveRoad(DOCUMENT, claims, clock, send, meanwhile), claims, sent


def behind(at: Time, message: Any) -> float:
    if isinstance(message, CameraEvent):
        return at / SECOND - message.timestamp_unix
    return at / SECOND - float(message.timestamp.timestamp())


def test_records_are_sent_when_they_are_due_until_the_program_should_end() -> None:
    road, _, sent = live(FakeClock(stop_at=START + 30 * SECOND))
    road.run()
    expected = sum(4 if due.occasion in {1, 2} else 1 for due in simulation().schedule.due(START, START + 29 * SECOND))
    assert expected <= len(sent) < expected * 1.1
    assert all(-0.002 <= behind(at, message) <= 1.03 for at, _, message in sent)
    assert [at for at, _, _ in sent] == sorted(at for at, _, _ in sent)
    assert road.sent == Counter(topic for _, topic, _ in sent)
    assert set(road.sent) == {*RoadTopic, "raw-data"}


def test_a_road_that_was_asleep_goes_on_from_now() -> None:
    clock = FakeClock(stop_at=START + 3_650 * SECOND)

    def sleep_once() -> None:
        if START + 10 * SECOND < clock.time < START + 20 * SECOND:
            clock.time = START + 3_600 * SECOND

    road, _, sent = live(clock, sleep_once)
    road.run()
    assert max(behind(at, message) for at, _, message in sent) < MAX_BEHIND / SECOND
    assert road.skipped > 3_500 * SECOND
    assert any(at > START + 3_640 * SECOND for at, _, _ in sent)


def test_the_figures_say_what_happens() -> None:
    road, claims, sent = live(FakeClock(stop_at=START + 120 * SECOND))
    publisher = Publisher("127.0.0.1:1", "raw-data")
    road.run()
    text = exposition(RoadMetrics(road, claims, publisher))().decode()
    publisher.close(timeout=0)
    figures = {
        (sample.name, sample.labels.get("topic")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    on_the_way, present = simulation().schedule.census(START + 120 * SECOND)
    entered = [message.license_plate for _, _, message in sent if getattr(message, "status_code", "") == "ENTERING"]
    stopped = [message for _, topic, message in sent if topic == "vehicle_data" and message.speed == 0]
    assert figures["parking_road_records_sent_total", "gps_data"] == road.sent["gps_data"] > 0
    assert figures["parking_road_vehicles_arrived_total", None] == len(stopped) > 0
    assert figures["parking_road_vehicles_parked_total", None] == len(entered) > 0
    assert abs(figures["parking_road_vehicles_on_the_way", None] - on_the_way) <= 1
    assert abs(figures["parking_road_vehicles_present", None] - present) <= 1
    assert {figures[f"parking_road_{name}_total", None] for name in ("snapshots_lost", "delivery_errors")} == {0}
