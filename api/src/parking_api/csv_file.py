"""Ended sessions as a CSV file that spreadsheets open as it is meant. Pure."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, tzinfo

from parking.session import Session

FIELDS = (
    "session_id", "lot", "location", "license_plate", "status", "start_time", "end_time", "duration", "cost", "currency"
)  # fmt: skip
LOCAL = ("start_local", "end_local")
MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""


def header() -> str:
    """Give the beginning of the file."""
    return MARK + _text([(*FIELDS, *LOCAL)])


def lines(sessions: Iterable[Session], zone: tzinfo) -> str:
    """Give a line for each session, with its times in a time zone too."""
    return _text(
        [
            *(_harmless(str(getattr(session, field))) for field in FIELDS),
            *(datetime.fromtimestamp(at, zone).isoformat() for at in (session.start_time, session.end_time)),
        ]
        for session in sessions
    )


def _harmless(text: str) -> str:
    """Keep a spreadsheet from running what a plate or a bay may spell: it would take these for formulas."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _text(rows: Iterable[Iterable[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue()
