"""The fold: open sessions and new events in, session updates and open sessions out. Pure, no wall clock, no I/O.

The rules, for one car in one bay, event after event in order of arrival:

- An event at or before the offset of the newest event that counted for its car in its bay has been folded already
  (an engine that delivers at least once reads it again after a crash) and changes nothing.
- An event not newer than the end of the last CLOSED session, arriving within the timeout of that end, is a
  straggler of it and changes nothing.
- An open session lapses (TIMEOUT, at its last event) when the next event is more than the timeout further away, in
  event time or on the broker's clock, or when the partition's clock has passed its last arrival by more than that.
- Any other event joins the open session or begins one. EXITING closes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from parking.session import SessionStatus
from parking_jobs.sessions.schemas import NEVER, UPDATES, Ints, bools, ints
from parking_jobs.sessions.stays import Rules, Stays


@dataclass(frozen=True, slots=True)
class Folded:
    """Result of a fold: ``updates`` (UPDATES) and the new ``open`` table (OPEN)."""

    updates: pa.Table
    open: pa.Table


def fold(open_sessions: pa.Table, events: pa.Table, clock: Mapping[int, int], rules: Rules) -> Folded:
    """Fold ``events`` (EVENTS, any order; arrivals never fall with the offset of a partition) into ``open_sessions``.

    ``clock`` gives each partition's broker time in ms after these events. Only the key's own events and its
    partition's clock decide, so cutting the same events into other batches gives the same final sessions.
    """
    stays = Stays(open_sessions, events)
    ended = [part for rank in stays.ranks() for part in stays.advance(rank, rules)]
    state, touched = stays.state(rules)
    is_open = bools(state, "is_open")
    late = _clock_of(state, clock) - ints(state, "last_arrival") > rules.timeout_ms
    updates = pa.concat_tables(
        [
            *(_updates(sessions, status) for sessions, status in ended),
            _updates(state.filter(pa.array(is_open & late)), SessionStatus.TIMEOUT),
            _updates(state.filter(pa.array(is_open & touched & ~late)), SessionStatus.ACTIVE),
        ]
    )
    # What is late is over, and too old a tombstone for any event still to come.
    return Folded(updates, state.filter(pa.array(~late)) if late.any() else state)


def _clock_of(state: pa.Table, clock: Mapping[int, int]) -> Ints:
    """Each row's partition's clock; a partition without one stands still in the past."""
    partition = ints(state, "partition")
    times = np.full(max(*clock, int(partition.max(initial=0)), 0) + 1, NEVER)
    times[list(clock)] = list(clock.values())
    return times[partition]


def _updates(sessions: pa.Table, status: SessionStatus) -> pa.Table:
    """Report rows of OPEN as UPDATES with one status."""
    version = 2 * (ints(sessions, "newest") + 1) + (status is SessionStatus.TIMEOUT)
    statuses = pa.repeat(status.value, sessions.num_rows)
    reported = sessions.append_column("status", statuses).append_column("version", pa.array(version))
    return reported.select(UPDATES.names)
