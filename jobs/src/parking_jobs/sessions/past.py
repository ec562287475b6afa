"""The open sessions, read back off the processed topic: it holds all that the fold has to know of the past.

Read are the records since the last moment at which a session could have been open that is open now. Sessions that
an engine wrote and then crashed before it noted how far it had read are among them; the fold knows by their offsets
which events they hold already.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
from pydantic import ValidationError

from parking.session import Session, SessionStatus
from parking_jobs.sessions.schemas import NEVER, OPEN, ints

PAST = pa.schema(
    [
        ("lot", pa.string()),
        ("partition", pa.int32()),
        ("license_plate", pa.string()),
        ("location", pa.string()),
        ("session_id", pa.string()),
        ("start_time", pa.int64()),
        ("end_time", pa.int64()),
        ("last_arrival", pa.int64()),
        ("status", pa.string()),
        ("version", pa.int64()),
    ]
)
"""What matters of a session record (parking.session.Session)."""
_PARSE = pj.ParseOptions(explicit_schema=PAST, unexpected_field_behavior="ignore")
_KEY = ("partition", "license_plate", "location")
_MANY = 1_000_000


class Past:
    """Collects the records of a lot; memory grows with the sessions in them, not with the updates."""

    def __init__(self, lot: str, partitions: Iterable[int]) -> None:
        self._lot = lot
        self._partitions = pa.array(sorted(partitions), pa.int32())
        self._parts: list[pa.Table] = []
        self._rows = 0
        self.taken = 0
        """Records taken in."""
        self.strange = 0
        """Records among them that are no session."""

    def take(self, values: list[bytes]) -> None:
        """Take in the next values of the topic, in the order of each partition."""
        table = _parsed(values)
        self.taken += len(values)
        self.strange += len(values) - table.num_rows
        ours = pc.and_(pc.equal(table["lot"], self._lot), pc.is_in(table["partition"], self._partitions))
        self._parts.append(table.filter(ours))
        self._rows += table.num_rows
        if self._rows > _MANY:
            self._parts = [_newest(pa.concat_tables(self._parts), "session_id")]
            self._rows = self._parts[0].num_rows // 2

    def sessions(self) -> pa.Table:
        """Give the state (OPEN) in which the newest records left the fold."""
        return _state(_newest(pa.concat_tables([PAST.empty_table(), *self._parts]), "session_id"))


def clocks_of(sessions: pa.Table) -> Mapping[int, int]:
    """Broker time of the newest event of each partition in a state (OPEN), ms: the least that its clock can show."""
    grouped = sessions.group_by("partition").aggregate([("last_arrival", "max")])
    return dict(zip(grouped["partition"].to_pylist(), grouped["last_arrival_max"].to_pylist(), strict=True))


def _parsed(values: list[bytes]) -> pa.Table:
    """Read the values that are sessions (PAST)."""
    text = b"\n".join(values)
    try:
        if text:
            table = pj.read_json(
                pa.BufferReader(text), pj.ReadOptions(use_threads=False, block_size=len(text) + 1), _PARSE
            )
            if table.num_rows == len(values) and not any(column.null_count for column in table.columns):
                return table
    except pa.ArrowInvalid:
        pass
    return pa.Table.from_pylist([row for value in values if (row := _judged(value))], schema=PAST)


def _judged(value: bytes) -> dict[str, object] | None:
    try:
        return Session.model_validate_json(value).model_dump(mode="json")
    except ValidationError:
        return None


def _newest(table: pa.Table, *names: str) -> pa.Table:
    """Give of all rows that are equal in ``names`` the one of the highest version, the last one of equals."""
    if not table.num_rows:
        return table
    group = np.zeros(table.num_rows, np.int64)
    for name in names:
        codes = pc.dictionary_encode(table[name].combine_chunks())
        group = group * len(codes.dictionary) + codes.indices.to_numpy()
    order = np.lexsort((ints(table, "version"), group))
    ordered = group[order]
    last = np.append(ordered[1:] != ordered[:-1], [True])
    return table.take(pa.array(np.sort(order[last])))


def _state(sessions: pa.Table) -> pa.Table:
    """Put each key's newest session and the tombstone of its last closed one into one row (OPEN)."""
    newest = _newest(sessions, *_KEY)
    closed = _newest(sessions.filter(pc.equal(sessions["status"], SessionStatus.CLOSED.value)), *_KEY)
    tombstones = closed.select([*_KEY, "end_time", "last_arrival"]).rename_columns(
        [*_KEY, "closed_end", "closed_arrival"]
    )
    rows = newest.join(tombstones, list(_KEY), join_type="left outer", use_threads=False)
    is_open = pc.equal(rows["status"], SessionStatus.ACTIVE.value)
    columns = {
        **{name: rows[name] for name in (*_KEY, "start_time", "end_time", "last_arrival")},
        "session_id": pc.if_else(is_open, rows["session_id"], ""),
        "newest": pa.array(ints(rows, "version") // 2 - 1),
        "is_open": is_open,
        "closed_end": rows["closed_end"].fill_null(NEVER),
        "closed_arrival": rows["closed_arrival"].fill_null(NEVER),
    }
    return pa.table(columns).select(OPEN.names).cast(OPEN).combine_chunks()
