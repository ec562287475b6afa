"""Tables of the session job, made from plain Python for tests."""

from collections.abc import Sequence

import pyarrow as pa

from parking_jobs.sessions.schemas import EVENTS, RECORDS
from tests.support.oracle import Seen


def events_table(events: Sequence[Seen]) -> pa.Table:
    """Events as the decoder gives them."""
    rows = [
        {
            "partition": e.partition,
            "offset": e.offset,
            "arrival": e.arrival,
            "license_plate": e.plate,
            "location": e.bay,
            "event_time": e.time,
            "exiting": e.exiting,
        }
        for e in events
    ]
    return pa.Table.from_pylist(rows, schema=EVENTS)


def records_table(
    values: Sequence[bytes | None], *, arrival: int = 1_000_000, partition: int = 0, offset: int = 0
) -> pa.Table:
    """Raw records with rising offsets and one arrival."""
    rows = [
        {"partition": partition, "offset": offset + i, "arrival": arrival, "key": b"k", "value": value}
        for i, value in enumerate(values)
    ]
    return pa.Table.from_pylist(rows, schema=RECORDS)
