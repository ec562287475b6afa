"""From session updates and refused records to Kafka records, as whole columns."""

import json
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from parking.tariff import Tariff
from parking_jobs.sessions.columns import map_unusual
from parking_jobs.sessions.schemas import ints

_NEEDS_NO_ESCAPE = r"^[A-Za-z0-9 ._\-]*$"


@dataclass(frozen=True, slots=True)
class SessionEncoder:
    """Writes updates of one lot as the JSON of the processed topic (parking.session.Session)."""

    lot: str
    tariff: Tariff

    def encode(self, updates: pa.Table) -> pa.Array:
        """Price ``updates`` (UPDATES) and give one JSON text (string) per row."""
        duration = ints(updates, "end_time") - ints(updates, "start_time")
        columns = {
            "license_plate": _quoted(updates["license_plate"]),
            "location": _quoted(updates["location"]),
            "start_time": updates["start_time"],
            "end_time": updates["end_time"],
            "duration": pa.array(duration),
            "cost": pa.array(self.tariff.cost(duration)),
            "status": _quoted(updates["status"]),
            "last_updated": pa.array(ints(updates, "last_arrival") // 1000),
            "session_id": _quoted(updates["session_id"]),
            "lot": json.dumps(self.lot),
            "version": updates["version"],
            "currency": json.dumps(self.tariff.currency),
            "partition": updates["partition"],
            "last_arrival": updates["last_arrival"],
        }
        return _objects(columns, updates.num_rows)


def _objects(columns: dict[str, pa.ChunkedArray | pa.Array | str], rows: int) -> pa.Array:
    """Join JSON texts of values into one object per row; a plain string is the same for all rows."""
    pieces: list[pa.Array | pa.ChunkedArray | pa.Scalar] = []
    text = "{"
    for name, values in columns.items():
        text += f'"{name}":'
        if isinstance(values, str):
            text += f"{values},"
        else:
            pieces += [pa.scalar(text), values if pa.types.is_string(values.type) else values.cast(pa.string())]
            text = ","
    joined = pc.binary_join_element_wise(*pieces, pa.scalar(text.rstrip(",") + "}"), "")
    whole: pa.Array = joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
    assert len(whole) == rows
    return whole


def _quoted(strings: pa.ChunkedArray) -> pa.Array:
    escaped = map_unusual(strings.combine_chunks(), _NEEDS_NO_ESCAPE, lambda text: json.dumps(text)[1:-1])
    return pc.binary_join_element_wise('"', escaped, '"', "")


QUARANTINE_HEADERS = ("reason", "field", "detail", "topic", "partition", "offset", "timestamp")
"""Headers of a quarantined record: why it was refused, and where it stood. Its key and value are the original bytes."""


def quarantine_headers(refused: pa.Table, topic: str) -> pa.Table:
    """Give the headers of ``refused`` (REFUSED, from ``topic``) as columns of text, one row per record."""
    place = {
        "topic": pa.repeat(topic, refused.num_rows),
        "partition": refused["partition"].cast(pa.string()),
        "offset": refused["offset"].cast(pa.string()),
        "timestamp": refused["arrival"].cast(pa.string()),
    }
    why = {name: refused[name] for name in ("reason", "field", "detail")}
    return pa.table({**why, **place}).select(QUARANTINE_HEADERS)
