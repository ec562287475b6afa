"""Reads events from a file: JSON lines, or Parquet with a column for each field."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from parking.errors import ParkingError
from parking.event import TIMESTAMP_FORMAT, RefusedError, parse_event
from parking.plate import normalise_plate
from parking_simulators.times import timestamp


class Recorded(NamedTuple):
    """One event of a file, as it stands there."""

    seconds: int
    """Its timestamp_unix."""
    plate: str
    value: bytes

    def shifted(self, by: int) -> "Recorded":
        """Move the event in time by some seconds; everything else stays."""
        seconds = self.seconds + by
        event = json.loads(self.value) | {"timestamp": timestamp(seconds), "timestamp_unix": seconds}
        return Recorded(seconds, self.plate, json.dumps(event, ensure_ascii=False).encode())


def read_recording(path: Path) -> Iterator[Recorded]:
    """Give the events of a file in its order; raises ParkingError at the first record that is no event."""
    values = _parquet_values(path) if path.suffix == ".parquet" else _json_lines(path)
    try:
        for number, value in enumerate(values, start=1):
            if value:
                yield _recorded(value, f"{path}: record {number}")
    except OSError as error:
        raise ParkingError(f"{path} cannot be read: {error.strerror or error}") from error


def _recorded(value: bytes, place: str) -> Recorded:
    try:
        event = parse_event(value)
    except RefusedError as refused:
        raise ParkingError(f"{place}: {refused}") from None
    return Recorded(event.timestamp_unix, normalise_plate(event.license_plate), value)


def _json_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from map(bytes.strip, file)


def _parquet_values(path: Path) -> Iterator[bytes]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ParkingError(f"{path}: reading Parquet needs pyarrow: install parking-simulators[parquet]") from error
    try:
        with ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from map(_json, batch.to_pylist())
    except ArrowException as error:
        raise ParkingError(f"{path} is no readable Parquet file: {error}") from error


def _json(row: dict[str, Any]) -> bytes:
    present = {name: value for name, value in row.items() if value is not None}
    return json.dumps(present, default=_plain, ensure_ascii=False).encode()


def _plain(value: Any) -> str:
    """Write a column value that JSON has no word for; a timestamp as events have it."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).strftime(TIMESTAMP_FORMAT)
    return str(value)
