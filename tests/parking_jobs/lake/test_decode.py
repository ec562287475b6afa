"""Every record becomes a row or a refusal; rows have the tables' columns."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.road import RoadRefusal, RoadRefusedError, RoadTopic, parse_record
from parking_jobs.lake.decode import RECORDS, Decoder, road_decoder, schema_of, sessions_decoder
from parking_jobs.lake.tables import ALL, ORIGIN, ROAD
from tests.support.road_records import record, session

ARRIVAL = datetime(2026, 2, 1, tzinfo=UTC)


def records(*values: bytes | None) -> pa.RecordBatch:
    count = len(values)
    columns = [
        pa.array([1] * count, pa.int32()),
        pa.array(range(40, 40 + count), pa.int64()),
        pa.array([ARRIVAL] * count, RECORDS.field("arrival").type),
        pa.array([b"veh-1"] * count),
        pa.array(values, pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=RECORDS)


def decode(decoder: Decoder, *values: bytes | None) -> list[dict[str, Any]]:
    decoded = decoder.decode(records(*values))
    assert decoded.schema == decoder.schema
    return decoded.to_pylist()


@pytest.mark.parametrize("topic", RoadTopic)
def test_a_record_becomes_a_row_with_all_required_columns(topic: RoadTopic) -> None:
    (line,) = decode(road_decoder(topic), record(topic, 3_723))
    assert line["reason"] is None
    for column in ROAD[topic].columns[: -len(ORIGIN)]:
        assert line["row"][column.name] is not None or not column.required, column
    assert line["row"]["event_time"] == datetime(2026, 1, 1, 1, 2, 3, tzinfo=UTC)
    assert (line["kafka_partition"], line["kafka_offset"], line["arrival"]) == (1, 40, ARRIVAL)


def test_a_location_becomes_two_columns() -> None:
    (line,) = decode(road_decoder(RoadTopic.VEHICLE), record(RoadTopic.VEHICLE, location=[1.5, -2.5]))
    assert (line["row"]["latitude"], line["row"]["longitude"]) == (1.5, -2.5)


@pytest.mark.parametrize(
    ("snapshot", "kind", "data", "uri"),
    [
        ("data:image/png;base64,AAEC", "image/png", b"\x00\x01\x02", None),
        ("s3://lake/snapshots/1.jpg", None, None, "s3://lake/snapshots/1.jpg"),
    ],
)
def test_a_picture_is_there_or_somewhere_else(
    snapshot: str, kind: str | None, data: bytes | None, uri: str | None
) -> None:
    (line,) = decode(road_decoder(RoadTopic.TRAFFIC), record(RoadTopic.TRAFFIC, snapshot=snapshot))
    row = line["row"]
    assert (row["snapshot_type"], row["snapshot_data"], row["snapshot_uri"]) == (kind, data, uri)


def test_a_session_becomes_a_row() -> None:
    (line,) = decode(sessions_decoder(), session(5, 9))
    assert line["row"]["start_time"] == datetime(2026, 1, 31, 0, 0, 5, tzinfo=UTC)
    assert (line["row"]["duration"], line["row"]["version"], line["row"]["status"]) == (9, 9, "ACTIVE")


@pytest.mark.parametrize(
    ("decoder", "value", "reason", "field"),
    [
        (road_decoder(RoadTopic.GPS), b"{", RoadRefusal.NOT_JSON, ""),
        (road_decoder(RoadTopic.GPS), None, RoadRefusal.NOT_JSON, ""),
        (road_decoder(RoadTopic.GPS), record(RoadTopic.GPS, speed="fast"), RoadRefusal.INVALID_FIELD, "speed"),
        (
            road_decoder(RoadTopic.GPS),
            record(RoadTopic.GPS, timestamp="2026-02-02T00:00:00Z"),
            "CLOCK_SKEW",
            "timestamp",
        ),
        (
            road_decoder(RoadTopic.TRAFFIC),
            record(RoadTopic.TRAFFIC, snapshot="data:image/png;base64,AAA"),
            RoadRefusal.INVALID_FIELD,
            "snapshot",
        ),
        (sessions_decoder(), session(1, 2, status="GONE"), RoadRefusal.INVALID_FIELD, "status"),
        (sessions_decoder(), session(1, 2, start_time=10**18), RoadRefusal.INVALID_FIELD, "start_time"),
    ],
)
def test_what_is_refused_is_kept_as_it_was_sent(decoder: Decoder, value: bytes | None, reason: str, field: str) -> None:
    (line,) = decode(decoder, value)
    assert line["row"] is None
    assert (line["reason"], line["field"], line["value"], line["key"]) == (reason, field, value, b"veh-1")
    assert line["detail"]


@given(st.lists(st.one_of(st.binary(max_size=30), st.integers(0, 99).map(lambda n: record(RoadTopic.WEATHER, n)))))
def test_every_record_is_in_one_of_both_as_the_domain_says(values: list[bytes]) -> None:
    lines = decode(road_decoder(RoadTopic.WEATHER), *values)
    assert [line["kafka_offset"] for line in lines] == list(range(40, 40 + len(values)))
    for value, line in zip(values, lines, strict=True):
        assert (line["row"] is None) == (line["reason"] is not None) == (not accepted(value))


def accepted(value: bytes) -> bool:
    try:
        parse_record(RoadTopic.WEATHER, value, ARRIVAL.timestamp())
    except RoadRefusedError:
        return False
    return True


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_tables_are_sound(table: Any) -> None:
    assert len(set(table.names)) == len(table.names)
    assert {table.key, table.day, *table.sort} <= set(table.names)
    assert schema_of(table).field(table.day).type == pa.timestamp("us", "UTC")
    assert all(column.comment for column in table.columns)
    assert "'" not in "".join(column.comment for column in table.columns), "it would end the SQL's text"
