"""Durations as people write them in manifests: ``500ms``, ``2s``, ``5m``, ``12h``, ``7d``."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
PATTERN = r"^([0-9]{1,9})(ms|s|m|h|d)$"


def parse_duration(text: object) -> timedelta:
    """Read ``<number><unit>``; raises ValueError for anything else, also for a bare number."""
    if isinstance(text, timedelta):
        return text
    match = re.fullmatch(PATTERN, text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("should be a whole number with a unit: ms, s, m, h or d, for example 500ms")
    return timedelta(milliseconds=int(match[1]) * MILLISECONDS[match[2]])


def format_duration(value: timedelta) -> str:
    """Write a duration with the largest unit that divides it, so that equal durations give equal text."""
    milliseconds = value // timedelta(milliseconds=1)
    unit = next(u for u in ("d", "h", "m", "s", "ms") if milliseconds % MILLISECONDS[u] == 0)
    return f"{milliseconds // MILLISECONDS[unit]}{unit}" if milliseconds else "0s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "maxLength": 11}),
]
