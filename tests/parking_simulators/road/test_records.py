import json
from collections import defaultdict
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from parking.event import parse_event
from parking.road import MAX_RECORD_BYTES, RoadTopic, parse_record
from parking_simulators.road.due import Occasion
from parking_simulators.road.route import Route, bearing_between, distance_between
from parking_simulators.times import SECOND
from tests.parking_simulators.road.support import LONG, SHORT, simulation
from tests.support.cameras import START

URI = "s3://pictures/road/2026-01-01/0.jpg"
Records = dict[RoadTopic, list[Any]]


@cache
def records(seconds: int = 180, **fields: Any) -> Records:
    """Every record of a span by topic, read as the lake's job reads it."""
    here, read = simulation(**fields), defaultdict(list)
    for due in here.schedule.due(START, START + seconds * SECOND):
        if due.occasion is Occasion.PASSING:
            read[RoadTopic.TRAFFIC].append(parsed(RoadTopic.TRAFFIC, here.traffic(due, URI), due.at))
        elif due.sighting is None:
            for topic, sent in zip(REPORTS, here.reports(due), strict=True):
                read[topic].append(parsed(topic, sent, due.at))
    return read


REPORTS = (RoadTopic.VEHICLE, RoadTopic.GPS, RoadTopic.WEATHER, RoadTopic.EMERGENCY)


def parsed(topic: RoadTopic, sent: tuple[str, str, str], at: int) -> Any:
    name, key, value = sent
    record = parse_record(topic, value.encode(), at / SECOND)
    assert (name, key) == (topic.value, record.device_id)
    assert record.timestamp.timestamp() == pytest.approx(at / SECOND, abs=0.002)
    assert len(value) < MAX_RECORD_BYTES
    return record


def by_device(topic: RoadTopic, **fields: Any) -> list[list[Any]]:
    devices = defaultdict(list)
    for record in records(**fields)[topic]:
        devices[record.device_id].append(record)
    return list(devices.values())


def test_every_record_is_valid_and_has_an_id_of_its_own() -> None:
    everything = [record for topic in RoadTopic for record in records()[topic]]
    assert len({record.id for record in everything}) == len(everything) > 1_000
    assert {len(records()[topic]) for topic in REPORTS} == {len(records()[RoadTopic.VEHICLE])}


def test_the_same_record_always_has_the_same_id() -> None:
    here, other = simulation(), simulation(seed=43)
    due = next(due for due in here.schedule.due(START) if due.occasion is Occasion.REPORTING)
    ids = [json.loads(value)["id"] for _, _, value in here.reports(due)]
    assert ids == [json.loads(value)["id"] for _, _, value in here.reports(due)]
    assert not set(ids) & {json.loads(value)["id"] for _, _, value in other.reports(due)}


@pytest.mark.parametrize("fields", [{}, {"route": LONG, "vehicles": 10}, {"report_interval": "5s"}])
def test_speed_and_position_agree_between_two_records(fields: dict[str, Any]) -> None:
    compared = 0
    for mine in by_device(RoadTopic.VEHICLE, **fields):
        for one, other in pairwise(mine):
            seconds = (other.timestamp - one.timestamp).total_seconds()
            distance = distance_between(one.location, other.location)
            assert distance <= seconds * (max(one.speed, other.speed) / 3.6 + 2.5 * seconds / 2) + 1
            if one.speed == other.speed and one.direction == other.direction:
                assert distance == pytest.approx(seconds * one.speed / 3.6, rel=0.02, abs=1)
                compared += 1
    assert compared > 100


def test_direction_is_that_of_the_road() -> None:
    route = Route(SHORT)
    bearings = {round(bearing_between(one, other), 1) for one, other in pairwise(route.points)}
    assert {record.direction for record in records()[RoadTopic.VEHICLE]} == bearings
    for mine in by_device(RoadTopic.VEHICLE):
        for one, other in pairwise(mine):
            if distance_between(one.location, other.location) > 10 and one.direction == other.direction:
                assert bearing_between(one.location, other.location) == pytest.approx(one.direction, abs=2)


def test_vehicles_start_at_a_and_stop_at_b() -> None:
    complete = [m for m in by_device(RoadTopic.VEHICLE, seconds=400) if m[0].speed < 15 and m[-1].speed == 0]
    assert complete
    for mine in complete:
        assert distance_between(mine[-1].location, SHORT[-1]) < 0.2
        assert sum(distance_between(a.location, b.location) for a, b in pairwise(mine)) > 1_200


def test_receivers_are_wrong_by_as_much_as_they_say() -> None:
    both = zip(records()[RoadTopic.VEHICLE], records()[RoadTopic.GPS], strict=True)
    errors = [
        distance_between(true.location, (gps.latitude, gps.longitude)) / gps.accuracy
        for true, gps in both
        if (true.device_id, true.timestamp, true.speed) == (gps.device_id, gps.timestamp, gps.speed)
    ]
    assert len(errors) == len(records()[RoadTopic.GPS])
    assert 0.60 < sum(error <= 1 for error in errors) / len(errors) < 0.76
    assert 0.9 < sum(error <= 2 for error in errors) / len(errors) < 1


def test_cameras_of_the_road_stand_still_and_see_the_vehicle_before_them() -> None:
    cameras = {(record.camera_id, record.location) for record in records(route=LONG)[RoadTopic.TRAFFIC]}
    assert {name for name, _ in cameras} == {f"road-00{n}" for n in range(1, 8)}
    assert len(cameras) == 7
    for passing in records(route=LONG)[RoadTopic.TRAFFIC]:
        nearby = [
            distance_between(passing.location, record.location)
            for record in records(route=LONG)[RoadTopic.VEHICLE]
            if record.device_id == passing.device_id
            and abs((record.timestamp - passing.timestamp).total_seconds()) <= 2
        ]
        assert max(nearby, default=0) < 35
        assert passing.snapshot == URI


def test_vehicles_near_each_other_have_the_same_weather() -> None:
    moments = defaultdict(list)
    for record in records(vehicles=40, seconds=60)[RoadTopic.WEATHER]:
        moments[int(record.timestamp.timestamp())].append(record)
    for together in moments.values():
        assert max(r.temperature for r in together) - min(r.temperature for r in together) < 1.5
        assert all((r.precipitation > 0) == (r.weather_condition in {"Rain", "Storm"}) for r in together)
    assert len(moments) == 60


def test_an_incident_is_shared_by_all_who_see_it_until_it_is_resolved() -> None:
    seen = records(seconds=7_200, route=LONG, report_interval="30s")[RoadTopic.EMERGENCY]
    incidents = defaultdict(list)
    for record in seen:
        assert (record.type == "None") == (record.incident_id is None)
        assert record.type != "None" or (record.status, record.description) == ("Resolved", "")
        if record.incident_id is not None:
            incidents[record.incident_id].append(record)
    assert {record.type == "None" for record in seen} == {True, False}
    assert len(incidents) >= 2
    assert max(len({record.device_id for record in mine}) for mine in incidents.values()) > 5
    assert any({record.status for record in mine} == {"Active", "Resolved"} for mine in incidents.values())
    for mine in incidents.values():
        assert len({(record.type, record.location, record.description) for record in mine}) == 1
        statuses = [record.status for record in mine]
        assert statuses == sorted(statuses)


def test_the_car_in_the_bay_has_the_plate_of_the_vehicle_that_arrived() -> None:
    here, plates, parked = simulation(), {}, 0
    for due in here.schedule.due(START, START + 400 * SECOND):
        if due.occasion is Occasion.ARRIVING:
            plates[due.number] = json.loads(here.reports(due)[0][2])["licensePlate"]
        elif due.sighting is not None and due.number in plates:
            topic, key, value = here.sighting(due)
            event = parse_event(value.encode())
            assert (topic, key) == ("raw-data", event.license_plate)
            assert event.license_plate == plates[due.number]
            assert event.timestamp_unix == due.at // SECOND
            assert json.loads(value)["lot"] == "central"
            assert (event.location, json.loads(value)["camera_id"]) in {
                (f"B{n}", f"camera-{n % 2}") for n in range(1, 5)
            }
            parked += 1
    assert parked > 50
