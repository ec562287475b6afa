"""Tables that the parts of the session job hand to each other.

Times are unix seconds of the event, arrivals unix milliseconds of the broker's clock.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

RECORDS = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("arrival", pa.int64()),
        ("key", pa.binary()),
        ("value", pa.binary()),
    ]
)
"""Records as they come from the raw topic; ``key`` and ``value`` may be null."""

EVENTS = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("arrival", pa.int64()),
        ("license_plate", pa.string()),
        ("location", pa.string()),
        ("event_time", pa.int64()),
        ("exiting", pa.bool_()),
    ]
)
"""Accepted events: plate and bay in their one spelling."""

REFUSED = pa.schema(
    [
        *RECORDS,
        ("reason", pa.string()),
        ("field", pa.string()),
        ("detail", pa.string()),
    ]
)
"""Records that are no valid event, and why."""

OPEN = pa.schema(
    [
        ("partition", pa.int32()),
        ("license_plate", pa.string()),
        ("location", pa.string()),
        ("session_id", pa.string()),
        ("start_time", pa.int64()),
        ("end_time", pa.int64()),
        ("last_arrival", pa.int64()),
        ("newest", pa.int64()),
        ("is_open", pa.bool_()),
        ("closed_end", pa.int64()),
        ("closed_arrival", pa.int64()),
    ]
)
"""State of the fold, one row per (partition, plate, bay): the newest session, open or ended, with the offset of the
newest event that counted; and the tombstone of the last closed one: its ``end_time`` and the arrival of its EXITING
event (``NEVER`` when there is none). All of it can be read off the processed topic."""

UPDATES = pa.schema(
    [
        ("session_id", pa.string()),
        ("partition", pa.int32()),
        ("license_plate", pa.string()),
        ("location", pa.string()),
        ("start_time", pa.int64()),
        ("end_time", pa.int64()),
        ("last_arrival", pa.int64()),
        ("status", pa.string()),
        ("version", pa.int64()),
    ]
)
"""What the fold reports: sessions that ended, and open ones that had an event."""

NEVER = -(2**60)
"""An arrival or end so long ago that no rule reaches it, and far enough from the limits of int64 to subtract."""


def bools(table: pa.Table, name: str) -> Bools:
    """Give a column of booleans without nulls as a numpy array."""
    column: Bools = table[name].to_numpy()
    return column


def ints(table: pa.Table, name: str) -> Ints:
    """Give a column without nulls as a numpy array."""
    column: Ints = table[name].to_numpy()
    return column


def texts(table: pa.Table, name: str) -> list[str]:
    """Give a column of strings without nulls as Python strings, several times faster than ``to_pylist``."""
    column: list[str] = table[name].to_numpy(zero_copy_only=False).tolist()
    return column
