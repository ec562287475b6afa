"""Times as whole microseconds since 1970 (UTC): exact, cheap to compare, the same on every machine."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from parking.event import TIMESTAMP_FORMAT

Time = int
SECOND: Time = 1_000_000


def microseconds(value: timedelta) -> int:
    """Give a duration in microseconds."""
    return value // timedelta(microseconds=1)


def moment(value: datetime) -> Time:
    """Give the time of a datetime that knows its zone."""
    return microseconds(value - datetime(1970, 1, 1, tzinfo=UTC))


@lru_cache(maxsize=64)
def timestamp(seconds: int) -> str:
    """Write unix seconds as an event's ``timestamp``; cached, for neighbouring events share their second."""
    return time.strftime(TIMESTAMP_FORMAT, time.gmtime(seconds))
