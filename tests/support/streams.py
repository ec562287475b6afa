"""Streams of events that try the fold hard, and what the oracle makes of them."""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st

from parking_jobs.sessions.stays import Rules
from tests.support.oracle import Oracle, Seen

THOROUGH = settings(max_examples=600 if os.environ.get("CI") else 60)
"""The judgement that money hangs on: looked at hardest where nobody waits for it."""

TIMEOUT = 30
RULES = Rules(lot="central", timeout_seconds=TIMEOUT)
FIELDS = (
    "license_plate",
    "location",
    "start_time",
    "end_time",
    "status",
    "version",
    "session_id",
    "partition",
    "last_arrival",
)


@st.composite
def streams(draw: st.DrawFn) -> list[Seen]:
    """Events in order of arrival, with offsets: silence, disorder, several sessions of few cars, two partitions."""
    steps = draw(
        st.lists(
            st.tuples(
                st.integers(0, 3),  # car
                st.sampled_from([0, 0, 1, 200, 5_000, 29_000, 30_000, 30_001, 31_000, 90_000]),  # broker time on, ms
                st.sampled_from([0, 0, 0, -1, -10, -29, -31, -200, 5, 31]),  # event time off the broker's, s
                st.booleans(),
            ),
            max_size=60,
        )
    )
    arrival, stream = 1_000_000_000, []
    for car, on, off, maybe in steps:
        arrival += on
        partition = car % 2
        event = Seen(f"51A-{car}", "A1", arrival // 1000 + off, arrival, exiting=maybe and car > 0, partition=partition)
        stream.append(event)
    return numbered(stream)


def numbered(stream: list[Seen]) -> list[Seen]:
    """Give the events of each partition their offsets."""
    counters: dict[int, Iterator[int]] = defaultdict(count)
    return [replace(event, offset=next(counters[event.partition])) for event in stream]


def judged(stream: list[Seen], end: int | None = None):
    oracle = Oracle("central", TIMEOUT)
    oracle.see(stream)
    clock: dict[int, int] = {}
    for event in stream:
        clock[event.partition] = max(clock.get(event.partition, 0), event.arrival)
    oracle.tick(clock if end is None else dict.fromkeys(clock, end))
    return {key: {name: row[name] for name in FIELDS} for key, row in oracle.table.items()}, oracle
