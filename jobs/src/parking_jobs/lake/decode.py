"""From records of a topic to rows of its table. Pure: Arrow in, Arrow out; the rules are the domain's.

The domain's models read a record in about 3 µs, so records are judged one by one and there is a single statement of
what is allowed; columns are built from what was accepted.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from parking.road import RoadRefusal, RoadRefusedError, RoadTopic, Traffic, parse_record, refusal_of
from parking.session import Session
from parking_jobs.lake.tables import ORIGIN, QUARANTINE, ROAD, SESSIONS, Table

_TYPES = {
    "string": pa.string(),
    "double": pa.float64(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "binary": pa.binary(),
    "timestamp": pa.timestamp("us", "UTC"),
}

RECORDS = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("arrival", pa.timestamp("us", "UTC")),
        ("key", pa.binary()),
        ("value", pa.binary()),
    ]
)
"""Records as they come from a topic."""
REFUSAL = ("reason", "field", "detail", "key", "value")
"""Columns that say why there is no row, and what was sent instead; null when there is one."""

Values = dict[str, Any]
Parse = Callable[[bytes | None, float], Values]
"""Gives a record's columns but for ORIGIN, from its value and its arrival (unix s); raises RoadRefusedError."""


def schema_of(table: Table) -> pa.Schema:
    """Give a table's columns as Arrow has them."""
    return pa.schema([(column.name, _TYPES[column.type]) for column in table.columns])


@dataclass(frozen=True)
class Decoder:
    """Reads the records of one topic for one table."""

    table: Table
    parse: Parse

    @property
    def schema(self) -> pa.Schema:
        """The form of what ``decode`` gives: ``row`` (a struct, or null), REFUSAL and ORIGIN."""
        row, refused = schema_of(self.table), schema_of(QUARANTINE)
        own = [row.field(name) for name in self.table.names[: -len(ORIGIN)]]
        origin = [row.field(column.name) for column in ORIGIN]
        return pa.schema([pa.field("row", pa.struct(own)), *(refused.field(name) for name in REFUSAL), *origin])

    def decode(self, records: pa.RecordBatch) -> pa.RecordBatch:
        """Decode ``records`` (RECORDS): each becomes one line, with a row or with a refusal."""
        judged = [self._judge(record) for record in records.select(["arrival", "key", "value"]).to_pylist()]
        schema = self.schema
        told = pa.RecordBatch.from_pylist(judged, schema=pa.schema([schema.field(n) for n in ("row", *REFUSAL)]))
        origin = [records["partition"], records["offset"], records["arrival"]]
        return pa.RecordBatch.from_arrays([*told.columns, *origin], schema=schema)

    def _judge(self, record: Values) -> Values:
        try:
            return {"row": self.parse(record["value"], record["arrival"].timestamp())}
        except RoadRefusedError as refused:
            why = {"reason": str(refused.reason), "field": refused.field, "detail": refused.detail}
            return {**why, "key": record["key"], "value": record["value"]}


def road_decoder(topic: RoadTopic) -> Decoder:
    """Give the decoder of one of the road's topics."""
    return Decoder(ROAD[topic], partial(_road_values, topic))


def sessions_decoder() -> Decoder:
    """Give the decoder of the session updates."""
    return Decoder(SESSIONS, _session_values)


def _road_values(topic: RoadTopic, value: bytes | None, arrival: float) -> Values:
    record = parse_record(topic, value, arrival)
    values = dict(record.__dict__)  # a record is one level deep: nothing to convert
    values["event_time"] = values.pop("timestamp")
    if "location" in values:
        values["latitude"], values["longitude"] = values.pop("location")
    return values | _picture(record) if isinstance(record, Traffic) else values


def _picture(record: Traffic) -> Values:
    """Take a snapshot apart: the picture itself, or where it is."""
    if not record.snapshot.startswith("data:"):
        return {"snapshot_uri": record.snapshot}
    head, _, text = record.snapshot.partition(",")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise RoadRefusedError(RoadRefusal.INVALID_FIELD, "snapshot", f"base64: {error}") from None
    return {"snapshot_type": head.removeprefix("data:").removesuffix(";base64"), "snapshot_data": data}


def _session_values(value: bytes | None, arrival: float) -> Values:  # noqa: ARG001 - ours are never ahead
    try:
        session = Session.model_validate_json(value or b"")
    except ValidationError as error:
        raise refusal_of(error) from None
    times = {name: _moment(name, getattr(session, name)) for name in ("start_time", "end_time", "last_updated")}
    return {**session.__dict__, "status": str(session.status), **times}


def _moment(field: str, seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise RoadRefusedError(RoadRefusal.INVALID_FIELD, field, f"{seconds}: {error}") from None
