import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.event import (
    MAX_EVENT_BYTES,
    MAX_TIMESTAMP,
    CameraEvent,
    RawEvent,
    RefusalReason,
    RefusedError,
    parse_event,
)

EVENT: dict[str, Any] = {
    "timestamp": "2026-01-01 00:00:00",
    "timestamp_unix": 1_767_225_600,
    "license_plate": "51A-123.45",
    "location": "A7",
    "status_code": "PARKED",
}


def value(**changes: Any) -> bytes:
    """Encode the event with some fields changed; those set to ... are left out."""
    return json.dumps({name: field for name, field in (EVENT | changes).items() if field is not ...}).encode()


def test_the_five_fields_are_enough_and_others_are_ignored() -> None:
    event = parse_event(value(camera_id=7, speed=[1]))
    assert event.model_dump() == EVENT


def test_extras_of_our_own_cameras() -> None:
    sent = CameraEvent(**EVENT, lot="central", camera_id="camera-1", confidence=0.9)
    assert CameraEvent.model_validate_json(sent.model_dump_json()) == sent
    assert parse_event(sent.model_dump_json().encode()).model_dump() == EVENT


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        (None, RefusalReason.NOT_JSON, ""),
        (b"", RefusalReason.NOT_JSON, ""),
        (b"null", RefusalReason.NOT_JSON, ""),
        (b"[]", RefusalReason.NOT_JSON, ""),
        (b"{", RefusalReason.NOT_JSON, ""),
        (b"\xff\xfe", RefusalReason.NOT_JSON, ""),
        (b"[" * 10_000, RefusalReason.NOT_JSON, ""),
        (b'{"license_plate": "\\ud800"}', RefusalReason.NOT_JSON, ""),
        (b'{"timestamp": ' + b"9" * 10_000 + b"}", RefusalReason.NOT_JSON, ""),
        (b"{}", RefusalReason.MISSING_FIELD, "timestamp"),
        (value(license_plate=...), RefusalReason.MISSING_FIELD, "license_plate"),
        (value(timestamp_unix=None), RefusalReason.MISSING_FIELD, "timestamp_unix"),
        (value(timestamp=1), RefusalReason.MISTYPED_FIELD, "timestamp"),
        (value(timestamp_unix="1767225600"), RefusalReason.MISTYPED_FIELD, "timestamp_unix"),
        (value(timestamp_unix=1.5), RefusalReason.MISTYPED_FIELD, "timestamp_unix"),
        (value(timestamp_unix=True), RefusalReason.MISTYPED_FIELD, "timestamp_unix"),
        (value(timestamp_unix=-1), RefusalReason.MISTYPED_FIELD, "timestamp_unix"),
        (value(timestamp_unix=MAX_TIMESTAMP + 1), RefusalReason.MISTYPED_FIELD, "timestamp_unix"),
        (value(location=["A7"]), RefusalReason.MISTYPED_FIELD, "location"),
        (value(status_code=3), RefusalReason.MISTYPED_FIELD, "status_code"),
        (value(status_code="parked"), RefusalReason.UNKNOWN_STATUS, "status_code"),
        (value(status_code="x" * 1_000), RefusalReason.UNKNOWN_STATUS, "status_code"),
        (value(extra="x" * MAX_EVENT_BYTES), RefusalReason.TOO_LARGE, ""),
    ],
)
def test_refusals(record: bytes | None, reason: RefusalReason, field: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_event(record)
    assert (caught.value.reason, caught.value.field) == (reason, field)
    assert len(str(caught.value)) < 250


def test_the_largest_record_that_is_taken() -> None:
    padding = MAX_EVENT_BYTES - len(value(extra=""))
    assert parse_event(value(extra="x" * padding))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(EVENT)), inner, max_size=5),
    max_leaves=8,
)


@given(
    st.binary(max_size=50)
    | st.builds(lambda changed: value(**changed), st.dictionaries(st.sampled_from(sorted(EVENT)), json_values))
)
def test_a_record_is_an_event_or_refused(record: bytes) -> None:
    with suppress(RefusedError):
        assert isinstance(parse_event(record), RawEvent)
