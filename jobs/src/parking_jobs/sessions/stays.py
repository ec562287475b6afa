"""The rules of a stay, written once for whole columns: what one more event of each of many cars does.

Events are handled rank by rank: the first new event of every car at once, then the second of every car that has
one, and so on. Most batches have few ranks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from parking.session import SessionStatus, session_id
from parking_jobs.sessions.schemas import NEVER, OPEN, Bools, Ints, bools, ints, texts


class Rank(NamedTuple):
    """At most one event of each key, as columns; ``key`` is the index of the stay."""

    key: Ints
    offset: Ints
    time: Ints
    arrival: Ints
    exiting: Bools

    def at(self, place: Bools | Ints | slice) -> "Rank":
        """Some of the events."""
        return Rank(self.key[place], self.offset[place], self.time[place], self.arrival[place], self.exiting[place])


@dataclass(frozen=True, slots=True)
class Rules:
    """What the fold needs to know of the lot."""

    lot: str
    timeout_seconds: int

    @property
    def timeout_ms(self) -> int:
        """The timeout on the broker's clock, milliseconds."""
        return self.timeout_seconds * 1_000


def _keys(table: pa.Table) -> pa.Array:
    """One string per row that names plate, bay and partition; none of them holds the separator."""
    partition = table["partition"].cast(pa.string())
    joined = pc.binary_join_element_wise(table["license_plate"], table["location"], partition, "\x1f")
    return joined.combine_chunks()


def _rows_of(keys: pa.Array, open_sessions: pa.Table, plates: pa.ChunkedArray) -> Ints:
    """Find the row of each key among the open sessions, -1 where it has none; only rows with its plates are named."""
    near = np.flatnonzero(pc.is_in(open_sessions["license_plate"], value_set=plates.combine_chunks()).to_numpy())
    candidates = open_sessions.select(["partition", "license_plate", "location"]).take(pa.array(near))
    place = pc.index_in(keys, value_set=_keys(candidates)).fill_null(-1).to_numpy()
    rows: Ints = np.append(near, -1)[place]
    return rows


class Stays:
    """The keys that the events touch, one entry per key in each array."""

    def __init__(self, open_sessions: pa.Table, events: pa.Table) -> None:
        self._open, self._events_table = open_sessions, events
        encoded = _keys(events).dictionary_encode()
        self._key_of_event = encoded.indices.to_numpy().astype(np.int64)
        self._row = _rows_of(encoded.dictionary, open_sessions, events["license_plate"])
        self._start = self._known("start_time", NEVER)
        self._end = self._known("end_time", NEVER)
        self._arrival = self._known("last_arrival", NEVER)
        self._newest = self._known("newest", NEVER)
        self._is_open = self._known("is_open", False)
        self._closed_end = self._known("closed_end", NEVER)
        self._closed_arrival = self._known("closed_arrival", NEVER)
        self._touched = np.zeros(len(self._row), bool)
        self._known_start = np.where(self._is_open, self._start, NEVER)
        self._names = events.select(["partition", "license_plate", "location"]).take(pa.array(self._first_events()))

    def _known(self, name: str, otherwise: int) -> Any:
        """Column of the state for each key; ``otherwise`` where the key is new."""
        known = self._row >= 0
        column = self._open[name].to_numpy()
        values = np.full(len(known), otherwise, column.dtype)
        values[known] = column[self._row[known]]
        return values

    def _first_events(self) -> Ints:
        """Index of one event of each key, for its names."""
        backwards = np.arange(len(self._key_of_event))[::-1]
        first = np.empty(len(self._row), np.int64)
        first[self._key_of_event[backwards]] = backwards
        return first

    def ranks(self) -> Iterator[Rank]:
        """Give every key's first event, then every key's second, and so on."""
        key, events = self._key_of_event, self._events_table
        by_key = np.lexsort((ints(events, "offset"), key))
        sizes = np.bincount(key, minlength=len(self._row))
        rank = np.arange(len(key)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        order = by_key[np.argsort(rank, kind="stable")]
        offset, time, arrival = (ints(events, name) for name in ("offset", "event_time", "arrival"))
        ordered = Rank(key, offset, time, arrival, bools(events, "exiting")).at(order)
        for begin, end in pairwise([0, *np.cumsum(np.bincount(rank))]):
            yield ordered.at(slice(begin, end))

    def advance(self, events: Rank, rules: Rules) -> Iterator[tuple[pa.Table, SessionStatus]]:
        """Fold one event into each of some stays; gives the sessions (OPEN) that it ends."""
        events = events.at(self._counts(events, rules))
        far = events.time - self._end[events.key] > rules.timeout_seconds
        far |= events.arrival - self._arrival[events.key] > rules.timeout_ms
        is_open = self._is_open[events.key]
        lapses, joins = is_open & far, is_open & ~far
        if lapses.any():
            yield self._sessions(events.key[lapses], rules), SessionStatus.TIMEOUT
        self._begin(events.at(~joins))
        self._join(events)
        if events.exiting.any():
            closing = events.key[events.exiting]
            yield self._sessions(closing, rules), SessionStatus.CLOSED
            self._close(closing)

    def _counts(self, events: Rank, rules: Rules) -> Bools:
        """Which events are neither folded already nor stragglers of a closed session."""
        before = events.time <= self._closed_end[events.key]
        straggles: Bools = before & (events.arrival - self._closed_arrival[events.key] <= rules.timeout_ms)
        new: Bools = events.offset > self._newest[events.key]
        return new & ~straggles

    def _begin(self, events: Rank) -> None:
        self._start[events.key] = self._end[events.key] = events.time
        self._is_open[events.key] = True

    def _join(self, events: Rank) -> None:
        self._end[events.key] = np.maximum(self._end[events.key], events.time)
        self._arrival[events.key] = events.arrival
        self._newest[events.key] = events.offset
        self._touched[events.key] = True

    def _close(self, key: Ints) -> None:
        self._closed_end[key], self._closed_arrival[key] = self._end[key], self._arrival[key]
        self._is_open[key] = False

    def _sessions(self, key: Ints, rules: Rules) -> pa.Table:
        """Stays as they are now, in the form of the state (OPEN)."""
        names = self._names.take(pa.array(key)).columns
        ids = self._session_ids(key, rules)
        times = (self._start, self._end, self._arrival, self._newest, self._is_open)
        tombstone = (self._closed_end, self._closed_arrival)
        return pa.table([*names, ids, *(pa.array(column[key]) for column in (*times, *tombstone))], schema=OPEN)

    def _session_ids(self, key: Ints, rules: Rules) -> pa.Array:
        """Ids of the open sessions among ``key``, "" for others; hashed only for those that began in this batch."""
        is_open, begun = self._is_open[key], self._known_start[key] != self._start[key]
        known = self._open["session_id"].take(pa.array(self._row[key], mask=self._row[key] < 0))
        ids = pc.if_else(pa.array(is_open & ~begun), known.combine_chunks(), "")
        new = is_open & begun
        names = self._names.take(pa.array(key[new]))
        named = (texts(names, "license_plate"), texts(names, "location"), self._start[key[new]].tolist())
        return pc.replace_with_mask(
            ids, new, pa.array([session_id(rules.lot, *n) for n in zip(*named, strict=True)], pa.string())
        )

    def state(self, rules: Rules) -> tuple[pa.Table, Bools]:
        """Give the state after the events (OPEN), and which of its rows had an event that counted."""
        others = np.ones(self._open.num_rows, bool)
        others[self._row[self._row >= 0]] = False
        untouched = self._open.filter(pa.array(others))
        state = pa.concat_tables([untouched, self._sessions(np.arange(len(self._row)), rules)])
        return state.combine_chunks(), np.concatenate([np.zeros(untouched.num_rows, bool), self._touched])
