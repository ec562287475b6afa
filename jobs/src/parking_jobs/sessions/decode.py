"""From raw records to events: whole columns at once for what is well formed, one by one for what is not.

``accept`` reads the well-formed records through Arrow's JSON reader. Whatever it does not vouch for goes through
``judge``, the plain statement of the rules, which either accepts a record after all or says why it is refused.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from parking.event import MAX_EVENT_BYTES, MAX_TIMESTAMP, RefusalReason, RefusedError, StatusCode, parse_event
from parking.plate import normalise_plate
from parking_jobs.sessions.columns import map_unusual
from parking_jobs.sessions.schemas import EVENTS, REFUSED, Bools

_FIELDS = pa.schema(
    [
        ("timestamp", pa.string()),
        ("timestamp_unix", pa.int64()),
        ("license_plate", pa.string()),
        ("location", pa.string()),
        ("status_code", pa.string()),
    ]
)
_PARSE = pj.ParseOptions(explicit_schema=_FIELDS, unexpected_field_behavior="ignore")
_STATUS_CODES = pa.array(list(StatusCode))
_USUAL_PLATE = r"^[A-Z0-9.\-]+( [A-Z0-9.\-]+)*$"
_USUAL_BAY = r"^[A-Z0-9\-]*$"
_FEW = 256
"""A block this small with a malformed record in it is judged record by record."""
_A_HANDFUL = 128
"""So few records are judged one by one in less time than the columns' machinery takes to start."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Accepted events (EVENTS) and refused records (REFUSED)."""

    events: pa.Table
    refused: pa.Table


class Decoder:
    """Decodes the records of one lot: knows its bays and how far a camera's clock may be ahead."""

    def __init__(self, bays: tuple[str, ...], max_clock_skew_seconds: int) -> None:
        self._bays = pa.array(bays, pa.string())
        self._bay_set = frozenset(bays)
        self._skew = max_clock_skew_seconds

    def decode(self, records: pa.Table) -> Decoded:
        """Decode ``records`` (RECORDS); every record is in exactly one of the two results."""
        records = records.combine_chunks()
        if records.num_rows <= _A_HANDFUL:
            return self._judge_all(records)
        plain = _is_plain(records["value"])
        events, doubtful = [], [records.filter(pa.array(~plain))]
        for block, fields in _parsed(records.filter(pa.array(plain))):
            accepted, rest = self._accept(block, fields)
            events.append(accepted)
            doubtful.append(rest)
        judged = self._judge_all(pa.concat_tables(doubtful))
        return Decoded(pa.concat_tables([*events, judged.events]), judged.refused)

    def _accept(self, records: pa.Table, fields: pa.Table | None) -> tuple[pa.Table, pa.Table]:
        """Split ``records`` into the events that ``fields`` vouches for and the rest."""
        if fields is None:
            return EVENTS.empty_table(), records
        plate = map_unusual(_whole(fields["license_plate"]), _USUAL_PLATE, normalise_plate)
        bay = map_unusual(_whole(fields["location"]), _USUAL_BAY, _normalise_bay)
        time, status = _whole(fields["timestamp_unix"]), _whole(fields["status_code"])
        ahead = pc.subtract(time, pc.divide(records["arrival"], 1000))
        good = _true(pc.is_valid(fields["timestamp"])) & _true(pc.is_in(status, value_set=_STATUS_CODES))
        good &= _true(pc.not_equal(plate, "")) & _true(pc.is_in(bay, value_set=self._bays))
        good &= _true(pc.and_(pc.greater_equal(time, 0), pc.less_equal(time, MAX_TIMESTAMP)))
        good &= _true(pc.less_equal(ahead, self._skew))
        exiting = pc.equal(status, StatusCode.EXITING.value)
        columns = [*(records[name] for name in ("partition", "offset", "arrival")), plate, bay, time, exiting]
        mask = pa.array(good)
        return pa.table(columns, schema=EVENTS).filter(mask), records.filter(pa.array(~good))

    def _judge_all(self, records: pa.Table) -> Decoded:
        events, refused = [], []
        for record in records.to_pylist():
            try:
                events.append(self._judge(record))
            except RefusedError as refusal:
                refused.append(record | {"reason": refusal.reason, "field": refusal.field, "detail": refusal.detail})
        return Decoded(pa.Table.from_pylist(events, schema=EVENTS), pa.Table.from_pylist(refused, schema=REFUSED))

    def _judge(self, record: dict[str, object]) -> dict[str, object]:
        """Read one record as a row of EVENTS; raises RefusedError."""
        value, arrival = record["value"], record["arrival"]
        assert value is None or isinstance(value, bytes)
        assert isinstance(arrival, int)
        event = parse_event(value)
        plate, bay = normalise_plate(event.license_plate), _normalise_bay(event.location)
        if not plate:
            raise RefusedError(RefusalReason.EMPTY_PLATE, "license_plate", f"{event.license_plate[:60]!r}")
        if bay not in self._bay_set:
            raise RefusedError(RefusalReason.UNKNOWN_BAY, "location", f"{event.location[:60]!r} is no bay of the lot")
        ahead = event.timestamp_unix - arrival // 1000
        if ahead > self._skew:
            detail = f"{ahead} s ahead of the broker; at most {self._skew} s"
            raise RefusedError(RefusalReason.CLOCK_SKEW, "timestamp_unix", detail)
        exiting = event.status_code is StatusCode.EXITING
        where = {name: record[name] for name in ("partition", "offset", "arrival")}
        names = {"license_plate": plate, "location": bay}
        return {**where, **names, "event_time": event.timestamp_unix, "exiting": exiting}


def _normalise_bay(location: str) -> str:
    return location.strip().upper()


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _true(mask: pa.Array | pa.ChunkedArray) -> Bools:
    """Null counts as false."""
    array = mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask
    values: Bools = array.fill_null(False).to_numpy(zero_copy_only=False)
    return values


def _is_plain(values: pa.ChunkedArray) -> Bools:
    """Which values are one flat JSON object without nesting.

    Such values stay aligned when they are read as one text: each holds a single "{", so that as many objects as
    values can only mean one object per value.
    """
    plain = _true(pc.less_equal(pc.binary_length(values), MAX_EVENT_BYTES))
    plain &= _true(pc.starts_with(values, "{")) & _true(pc.ends_with(values, "}"))
    if plain.all() and _brackets(_joined(_whole(values))) == (len(values), len(values), 0):
        return plain
    for mark, times in (("{", 1), ("}", 1), ("[", 0)):
        plain &= _true(pc.equal(pc.count_substring(values, mark), times))
    return plain


def _brackets(text: bytes) -> tuple[int, int, int]:
    """Count the marks of nesting: in the whole text at once it costs next to nothing."""
    return text.count(b"{"), text.count(b"}"), text.count(b"[")


def _parsed(records: pa.Table) -> list[tuple[pa.Table, pa.Table | None]]:
    """Give the records in blocks, each with its parsed fields, or None where the block holds something malformed."""
    if not records.num_rows:
        return []
    fields = _read_json(records["value"].combine_chunks())
    if fields is not None or records.num_rows <= _FEW:
        return [(records, fields)]
    half = records.num_rows // 2
    return [*_parsed(records.slice(0, half)), *_parsed(records.slice(half))]


def _joined(values: pa.Array) -> bytes:
    """Write values as lines of one text."""
    lines = pa.ListArray.from_arrays(np.array([0, len(values)], np.int32), values)
    text: bytes = pc.binary_join(lines, b"\n")[0].as_py()
    return text


def _read_json(values: pa.Array) -> pa.Table | None:
    text = _joined(values)
    try:
        fields = pj.read_json(
            pa.BufferReader(text), pj.ReadOptions(use_threads=False, block_size=len(text) + 1), _PARSE
        )
        fields.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return fields if fields.num_rows == len(values) else None
