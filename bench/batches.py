"""What the Spark engine's log says of its batches."""

import re
from typing import NamedTuple

_LINE = re.compile(r"batch=\d+ rows=(\d+) rows_per_s=\d+ seconds=([\d.]+) lag=\d+ open_sessions=(\d+)")


class Batch(NamedTuple):
    """A batch that had records."""

    rows: int
    seconds: float
    open_sessions: int


def batches(log: str) -> list[Batch]:
    """Give the batches that had records, in order."""
    found = (Batch(int(rows), float(seconds), int(is_open)) for rows, seconds, is_open in _LINE.findall(log))
    return [batch for batch in found if batch.rows]
