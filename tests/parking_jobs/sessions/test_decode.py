import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.event import MAX_EVENT_BYTES, RefusalReason
from parking_jobs.sessions import decode
from parking_jobs.sessions.decode import Decoder
from tests.support.tables import records_table

NOW = 1_000
GOOD = {
    "timestamp": "1970-01-01 00:16:40",
    "timestamp_unix": NOW,
    "license_plate": "51A-123.45",
    "location": "A1",
    "status_code": "PARKED",
}
DECODER = Decoder(("A1", "A2", "P-17"), max_clock_skew_seconds=60)


@pytest.fixture(autouse=True, params=["in columns", "one by one"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test both ways: a handful of records is judged one by one, more are read in columns first."""
    if request.param == "in columns":
        monkeypatch.setattr(decode, "_A_HANDFUL", 0)


def event(**changes) -> bytes:
    return json.dumps({name: value for name, value in (GOOD | changes).items() if value is not ...}).encode()


def decoded(*values: bytes | None):
    return DECODER.decode(records_table(values, arrival=NOW * 1000))


def refusals(*values: bytes | None) -> list[tuple[int, str, str]]:
    rows = decoded(*values).refused.to_pylist()
    return sorted((row["offset"], row["reason"], row["field"]) for row in rows)


@pytest.mark.parametrize(
    ("value", "reason", "field"),
    [
        (None, "NOT_JSON", ""),
        (b"", "NOT_JSON", ""),
        (b"hello", "NOT_JSON", ""),
        (b"[1, 2]", "NOT_JSON", ""),
        (b"\xff\xfe", "NOT_JSON", ""),
        (event() + event(), "NOT_JSON", ""),
        (event()[:-1], "NOT_JSON", ""),
        (b"[" * 9_000, "NOT_JSON", ""),
        (event(license_plate=...), "MISSING_FIELD", "license_plate"),
        (event(timestamp=...), "MISSING_FIELD", "timestamp"),
        (event(location=None), "MISSING_FIELD", "location"),
        (event(timestamp_unix="1000"), "MISTYPED_FIELD", "timestamp_unix"),
        (event(timestamp_unix=1000.5), "MISTYPED_FIELD", "timestamp_unix"),
        (event(timestamp_unix=True), "MISTYPED_FIELD", "timestamp_unix"),
        (event(timestamp_unix=-1), "MISTYPED_FIELD", "timestamp_unix"),
        (event(timestamp_unix=10**30), "MISTYPED_FIELD", "timestamp_unix"),
        (event(license_plate=17), "MISTYPED_FIELD", "license_plate"),
        (event(status_code="GONE"), "UNKNOWN_STATUS", "status_code"),
        (event(status_code="parked"), "UNKNOWN_STATUS", "status_code"),
        (event(status_code=3), "MISTYPED_FIELD", "status_code"),
        (event(location="Z9"), "UNKNOWN_BAY", "location"),
        (event(location=""), "UNKNOWN_BAY", "location"),
        (event(license_plate="  "), "EMPTY_PLATE", "license_plate"),
        (event(timestamp_unix=NOW + 61), "CLOCK_SKEW", "timestamp_unix"),
        (event(timestamp="x" * MAX_EVENT_BYTES), "TOO_LARGE", ""),
    ],
)
def test_a_bad_record_is_refused_with_its_reason_and_its_neighbours_are_not(value, reason, field) -> None:
    assert refusals(event(), value, event()) == [(1, reason, field)]
    assert sorted(decoded(event(), value, event()).events["offset"].to_pylist()) == [0, 2]


def test_every_reason_is_tried_above() -> None:
    tried = {mark.args[1][i][1] for mark in _marks() for i in range(len(mark.args[1]))}
    assert tried == set(RefusalReason)


def _marks():
    return test_a_bad_record_is_refused_with_its_reason_and_its_neighbours_are_not.pytestmark


@pytest.mark.parametrize(
    "value",
    [
        event(),
        event(extra={"nested": [1, {"deep": True}]}, lot="central", confidence=0.9),
        event(license_plate="a}b{c", timestamp="{"),
        event(timestamp_unix=NOW + 60),
        event(timestamp_unix=0),
        json.dumps(GOOD, indent=2).encode(),
        b"  " + event() + b"\n",
        b'{"timestamp_unix": 1, ' + event()[1:],
    ],
)
def test_what_is_valid_json_with_the_five_fields_is_accepted(value) -> None:
    assert refusals(event(), value) == []


def test_plates_and_bays_get_their_one_spelling() -> None:
    rows = decoded(
        event(license_plate=" 51a-123.45 ", location="p-17"), event(license_plate="\uff15\uff11\uff21\u3000x")
    ).events.to_pylist()
    assert [(row["license_plate"], row["location"]) for row in rows] == [("51A-123.45", "P-17"), ("51A X", "A1")]


def test_exiting_is_told_apart() -> None:
    rows = decoded(event(status_code="EXITING"), event(status_code="ENTERING"), event(status_code="MOVING")).events
    assert rows["exiting"].to_pylist() == [True, False, False]


def test_a_bad_record_in_a_large_batch_costs_its_block_only() -> None:
    values = [event()] * 5_000
    values[3_000] = b'{"license_plate": }'
    result = decoded(*values)
    assert result.events.num_rows == 4_999
    assert result.refused["offset"].to_pylist() == [3_000]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
near_misses = st.fixed_dictionaries(
    {},
    optional={
        "timestamp": st.text(max_size=3) | json_values,
        "timestamp_unix": st.integers(900, 1_100) | json_values,
        "license_plate": st.text(max_size=6) | json_values,
        "location": st.sampled_from(["A1", "a2", "P-17 ", "Z"]) | json_values,
        "status_code": st.sampled_from(["PARKED", "EXITING", "no"]) | json_values,
    },
).map(lambda changes: json.dumps(GOOD | changes).encode())


@given(st.lists(st.just(event()) | near_misses | st.binary(max_size=20), max_size=12))
def test_the_fast_path_agrees_with_the_plain_rules(values) -> None:
    records = records_table(values, arrival=NOW * 1000)
    fast = DECODER.decode(records)
    plain = DECODER._judge_all(records)
    assert fast.events.sort_by("offset").to_pylist() == plain.events.to_pylist()
    assert fast.refused.sort_by("offset").to_pylist() == plain.refused.to_pylist()
    assert fast.events.num_rows + fast.refused.num_rows == len(values)


def test_ordinary_records_never_take_the_slow_path(monkeypatch) -> None:
    def refuse(*_args: object) -> None:
        raise AssertionError("judged one by one")

    monkeypatch.setattr(decode, "parse_event", refuse)
    values = [event(location=f"a{1 + i % 2}", license_plate=f"xy {i % 7}") for i in range(1_000)]
    assert decoded(*values).events.num_rows == 1_000
