import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.road import (
    MAX_CLOCK_SKEW_SECONDS,
    MAX_RECORD_BYTES,
    RECORDS,
    RoadRefusal,
    RoadRefusedError,
    RoadTopic,
    Vehicle,
    parse_record,
)
from tests.support.road_records import record

ARRIVAL = datetime(2026, 1, 31, 8, 15, tzinfo=UTC).timestamp()
EXAMPLES: dict[RoadTopic, dict[str, Any]] = {topic: json.loads(record(topic)) for topic in RoadTopic}


def value(topic: RoadTopic, **changes: Any) -> bytes:
    """Encode a record with some fields changed; those set to ... are left out."""
    return record(topic, **changes)


@pytest.mark.parametrize("topic", RoadTopic)
def test_a_record_is_read_and_written_with_the_names_on_the_wire(topic: RoadTopic) -> None:
    parsed = parse_record(topic, value(topic, unknown=[1]), ARRIVAL)
    assert json.loads(parsed.model_dump_json()) == EXAMPLES[topic]


def test_every_topic_has_a_record_of_its_own() -> None:
    assert list(RECORDS) == list(RoadTopic)
    assert len(set(RECORDS.values())) == 5


def test_times_are_utc_whatever_zone_they_were_written_in() -> None:
    parsed = parse_record(RoadTopic.VEHICLE, value(RoadTopic.VEHICLE, timestamp="2026-01-31T15:15:00+07:00"), ARRIVAL)
    assert parsed.timestamp == datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
    assert json.loads(parsed.model_dump_json())["timestamp"] == "2026-01-31T08:15:00.000Z"


@pytest.mark.parametrize(
    ("topic", "changes", "reason", "field"),
    [
        (RoadTopic.VEHICLE, {"id": ...}, RoadRefusal.MISSING_FIELD, "id"),
        (RoadTopic.VEHICLE, {"id": ""}, RoadRefusal.INVALID_FIELD, "id"),
        (RoadTopic.VEHICLE, {"deviceId": None}, RoadRefusal.MISSING_FIELD, "deviceId"),
        (RoadTopic.VEHICLE, {"speed": "41"}, RoadRefusal.INVALID_FIELD, "speed"),
        (RoadTopic.VEHICLE, {"speed": -1}, RoadRefusal.INVALID_FIELD, "speed"),
        (RoadTopic.VEHICLE, {"direction": 360}, RoadRefusal.INVALID_FIELD, "direction"),
        (RoadTopic.VEHICLE, {"direction": "North-East"}, RoadRefusal.INVALID_FIELD, "direction"),
        (RoadTopic.VEHICLE, {"year": True}, RoadRefusal.INVALID_FIELD, "year"),
        (RoadTopic.VEHICLE, {"location": "(10.78, 106.69)"}, RoadRefusal.INVALID_FIELD, "location"),
        (RoadTopic.VEHICLE, {"location": [10.78]}, RoadRefusal.MISSING_FIELD, "location.1"),
        (RoadTopic.VEHICLE, {"location": [106.69, 10.78]}, RoadRefusal.INVALID_FIELD, "location.0"),
        (RoadTopic.VEHICLE, {"timestamp": "2026-01-31T08:15:00"}, RoadRefusal.INVALID_FIELD, "timestamp"),
        (RoadTopic.VEHICLE, {"timestamp": "1999-01-31T08:15:00Z"}, RoadRefusal.INVALID_FIELD, "timestamp"),
        (RoadTopic.VEHICLE, {"timestamp": "2026-01-31T08:16:01Z"}, RoadRefusal.CLOCK_SKEW, "timestamp"),
        (RoadTopic.GPS, {"accuracy": -1}, RoadRefusal.INVALID_FIELD, "accuracy"),
        (RoadTopic.TRAFFIC, {"snapshot": "Base64EncodedString"}, RoadRefusal.INVALID_FIELD, "snapshot"),
        (RoadTopic.TRAFFIC, {"snapshot": "data:text/html;base64,AAAA"}, RoadRefusal.INVALID_FIELD, "snapshot"),
        (RoadTopic.WEATHER, {"humidity": 101}, RoadRefusal.INVALID_FIELD, "humidity"),
        (RoadTopic.EMERGENCY, {"type": "Flood"}, RoadRefusal.INVALID_FIELD, "type"),
        (RoadTopic.EMERGENCY, {"status": "active"}, RoadRefusal.INVALID_FIELD, "status"),
        (RoadTopic.EMERGENCY, {"incidentId": None}, RoadRefusal.INVALID_FIELD, ""),
    ],
)
def test_what_is_wrong_is_refused_with_its_reason(
    topic: RoadTopic, changes: dict[str, Any], reason: RoadRefusal, field: str
) -> None:
    with pytest.raises(RoadRefusedError) as caught:
        parse_record(topic, value(topic, **changes), ARRIVAL)
    assert (caught.value.reason, caught.value.field) == (reason, field)
    assert caught.value.detail


@pytest.mark.parametrize("told", [None, b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 10_000])
def test_what_is_no_object_is_no_record(told: bytes | None) -> None:
    with pytest.raises(RoadRefusedError) as caught:
        parse_record(RoadTopic.GPS, told, ARRIVAL)
    assert (caught.value.reason, caught.value.field) == (RoadRefusal.NOT_JSON, "")


def test_nothing_near_needs_no_incident() -> None:
    told = value(RoadTopic.EMERGENCY, type="None", incidentId=None, status="Resolved", description=...)
    assert parse_record(RoadTopic.EMERGENCY, told, ARRIVAL).model_dump()["incidentId"] is None


def test_a_snapshot_may_lie_elsewhere() -> None:
    told = value(RoadTopic.TRAFFIC, snapshot="s3://lake/snapshots/2026-01-31/0a.jpg")
    assert parse_record(RoadTopic.TRAFFIC, told, ARRIVAL).model_dump()["snapshot"].startswith("s3://lake/")


def test_a_record_larger_than_a_broker_takes_is_refused() -> None:
    told = value(RoadTopic.TRAFFIC, snapshot=f"data:image/png;base64,{'A' * MAX_RECORD_BYTES}")
    with pytest.raises(RoadRefusedError, match=RoadRefusal.TOO_LARGE):
        parse_record(RoadTopic.TRAFFIC, told, ARRIVAL)


def test_a_record_may_be_a_little_ahead_of_the_broker() -> None:
    when = datetime.fromtimestamp(ARRIVAL, UTC) + timedelta(seconds=MAX_CLOCK_SKEW_SECONDS)
    parsed = parse_record(RoadTopic.VEHICLE, value(RoadTopic.VEHICLE, timestamp=when.isoformat()), ARRIVAL)
    assert isinstance(parsed, Vehicle)
    assert parsed.timestamp == when


@given(st.sampled_from(list(RoadTopic)), st.one_of(st.binary(max_size=40), st.text().map(str.encode)))
def test_no_bytes_end_it_in_another_way(topic: RoadTopic, told: bytes) -> None:
    with suppress(RoadRefusedError):
        parse_record(topic, told, ARRIVAL)
