import json

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from parking.session import Session
from parking.tariff import Tariff
from parking_jobs.sessions.encode import QUARANTINE_HEADERS, SessionEncoder, quarantine_headers
from parking_jobs.sessions.schemas import REFUSED, UPDATES

TARIFF = Tariff(block_seconds=600, block_price=10_000)


def update(**changes) -> dict[str, object]:
    row = {
        "session_id": "85e46e1ab3c7522a278e",
        "partition": 3,
        "license_plate": "51A-123.45",
        "location": "A7",
        "start_time": 1_000,
        "end_time": 1_601,
        "last_arrival": 1_602_345,
        "status": "CLOSED",
        "version": 8,
    }
    return row | changes


def encoded(*rows: dict[str, object], lot: str = "central") -> list[dict[str, object]]:
    texts = SessionEncoder(lot, TARIFF).encode(pa.Table.from_pylist(list(rows), schema=UPDATES))
    return [json.loads(text) for text in texts.to_pylist()]


def test_a_record_has_every_field_of_a_session_priced() -> None:
    assert encoded(update()) == [
        {
            "license_plate": "51A-123.45",
            "location": "A7",
            "start_time": 1_000,
            "end_time": 1_601,
            "duration": 601,
            "cost": 20_000,
            "status": "CLOSED",
            "last_updated": 1_602,
            "session_id": "85e46e1ab3c7522a278e",
            "lot": "central",
            "version": 8,
            "currency": "VND",
            "partition": 3,
            "last_arrival": 1_602_345,
        }
    ]
    assert set(encoded(update())[0]) == set(Session.model_fields)


def test_nothing_to_report_is_no_record() -> None:
    assert encoded() == []


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_plate_survives_json(plates) -> None:
    assert [row["license_plate"] for row in encoded(*(update(license_plate=plate) for plate in plates))] == plates


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20), st.integers(1, 86_400), st.integers(0, 10**6))
def test_one_tariff_prices_numbers_and_columns_alike(durations, block_seconds, block_price) -> None:
    tariff = Tariff(block_seconds=block_seconds, block_price=block_price)
    assert tariff.cost(np.array(durations)).tolist() == [tariff.cost(duration) for duration in durations]


def test_quarantine_headers_say_why_and_where() -> None:
    row = {
        "partition": 2,
        "offset": 17,
        "arrival": 5,
        "key": None,
        "value": b"x",
        "reason": "NOT_JSON",
        "field": "",
        "detail": "d",
    }
    headers = quarantine_headers(pa.Table.from_pylist([row], schema=REFUSED), "raw-data")
    assert tuple(headers.column_names) == QUARANTINE_HEADERS
    assert headers.to_pylist() == [
        {
            "reason": "NOT_JSON",
            "field": "",
            "detail": "d",
            "topic": "raw-data",
            "partition": "2",
            "offset": "17",
            "timestamp": "5",
        }
    ]
