"""Answers of the lake, for people as a table and for programs as CSV or JSON."""

import csv
import io
import json
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

ROWS_SHOWN = 200
"""How many rows a table shows unless told otherwise."""
_WIDEST = 10_000


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a query; ``total`` is how many there are, whether they were fetched or not."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    total: int


def to_table(answer: Answer) -> Table:
    """Give an answer as a table that says how many rows are not in it."""
    left_out = answer.total - len(answer.rows)
    caption = f"{left_out} more of {answer.total} rows" if left_out else None
    table = Table(box=None, header_style="bold", pad_edge=False, caption=caption, caption_justify="left")
    for place, column in enumerate(answer.columns):
        numbers = all(_is_number(row[place]) for row in answer.rows if row[place] is not None)
        table.add_column(Text(column), justify="right" if numbers and answer.rows else "left")
    for row in answer.rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    return table


def show(answer: Answer, console: Console) -> None:
    """Print a table, wider than the terminal if need be: columns cut to three letters tell nothing."""
    table = to_table(answer)
    table.width = Measurement.get(console, console.options.update(width=_WIDEST), table).maximum
    console.print(table, soft_wrap=True)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _shown(value: object) -> str:
    """Write a value for people: numbers to four places, times to the second, bytes as how many there are."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | Decimal):
        return re.sub(r"\.0+$|(\.\d*?)0+$", r"\1", f"{value:.4f}")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)


def to_csv(answer: Answer) -> str:
    """Give an answer as CSV (RFC 4180) with a line of names; what is not there is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(answer.columns)
    writer.writerows([_plain(value) for value in row] for row in answer.rows)
    return text.getvalue()


def to_json(answer: Answer) -> str:
    """Give an answer as a JSON array of objects."""
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return json.dumps(rows, default=_plain, ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    """Write a value for programs: times in ISO 8601, UTC; bytes in base64; other things as numbers or text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, Decimal):
        return float(value)
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)
