from datetime import UTC, datetime

import pytest

from parking.documents import GatewayDocument, rows_of
from parking.lot import Layout, OtherLot
from parking.session import Session
from parking.tariff import Tariff
from parking_api.reports import Reports
from parking_api.routes import models2
from parking_api.view import LotView
from tests.support.live_gateway import LOT, ended, session

START = 1_795_341_600
LAYOUT = Layout(rows={"A": 3, "B": 2})


def document_of(**changes: object) -> GatewayDocument:
    told: dict[str, object] = {
        "lot": LOT,
        "bootstrap_servers": "kafka:9092",
        "rows": rows_of(LAYOUT),
        "tariff": Tariff(),
        "topic": "processed-data",
        "timeout_seconds": 30,
    }
    return GatewayDocument.model_validate(told | changes)


def reports_of(*updates: Session, now: float = START, **changes: object) -> Reports:
    document = document_of(**changes)
    view = LotView(lot=LOT, bays=document.bays)
    for update in updates:
        view.upsert(update)
    return Reports(view, document, lambda: now)


def test_the_lot_is_told_as_the_manifest_has_it():
    other = OtherLot(name="north", url="https://north.example/")
    told = reports_of(time_zone="Asia/Ho_Chi_Minh", max_stay_seconds=3_600, other_lots=(other,)).lot
    assert models2.Lot.model_validate(told).model_dump() == told
    assert [(row["name"], len(row["bays"])) for row in told["rows"]] == [("A", 3), ("B", 2)]
    assert (told["time_zone"], told["max_stay_seconds"]) == ("Asia/Ho_Chi_Minh", 3_600)
    assert told["other_lots"] == [{"name": "north", "url": "https://north.example/"}]


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("UTC", datetime(2026, 11, 25, tzinfo=UTC)),
        ("Asia/Ho_Chi_Minh", datetime(2026, 11, 25, 17, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 25, 8, tzinfo=UTC)),
    ],
)
def test_today_begins_at_midnight_in_the_lot(zone: str, midnight: datetime):
    now = datetime(2026, 11, 25, 20, 30, 15, tzinfo=UTC).timestamp()
    assert reports_of(now=now, time_zone=zone).today() == (int(midnight.timestamp()), int(now) // 60 * 60 + 60)


def test_an_open_session_costs_what_it_would_now_and_says_when_it_gets_dearer():
    opened = session(start=START)
    told = reports_of(opened, now=START + 1_201).session(opened.session_id)
    assert told
    assert (told["session"]["duration"], told["session"]["cost"], told["fee"]["total"]) == (1_201, 30_000, 30_000)
    assert told["fee"]["steps"] == [{"blocks": 3, "block_seconds": 600, "block_price": 10_000, "amount": 30_000}]
    assert told["fee"]["next_step_at"] == START + 1_801


def test_an_ended_session_is_done():
    gone = ended(session(start=START), after=600)
    told = reports_of(gone, now=START + 9_999).session(gone.session_id)
    assert told
    assert (told["session"]["duration"], told["fee"]["total"], told["fee"]["next_step_at"]) == (600, 10_000, None)


def test_a_price_of_another_tariff_is_not_explained_by_this_one():
    gone = ended(session(start=START)).model_copy(update={"cost": 7})
    told = reports_of(gone).session(gone.session_id)
    assert told
    assert (told["fee"]["total"], told["fee"]["steps"]) == (7, [])
    dollars = gone.model_copy(update={"cost": 20_000, "currency": "USD"})
    told = reports_of(dollars).session(gone.session_id)
    assert told
    assert (told["fee"]["currency"], told["fee"]["steps"]) == ("USD", [])


def test_an_unknown_session_is_none():
    assert reports_of().session("0" * 20) is None


def test_figures_of_an_hour():
    gone = ended(session("51A-1", "A2", start=START + 60), after=700)
    reports = reports_of(gone, session("51A-2", "A3", start=START + 120), now=START + 3_000)
    told = reports.figures(START, START + 3_600, 1_200)
    assert models2.Figures.model_validate(told).model_dump(by_alias=True) == told
    assert (told["from"], told["to"]) == (START, START + 3_060), "nothing is told of the future"
    assert told["series"] == {
        "entries": [2, 0, 0],
        "exits": [1, 0, 0],
        "revenue": [20_000, 0, 0],
        "median_stay": [700, None, None],
        "occupied": [1, 1, 1],
    }
    assert told["totals"] == {"entries": 2, "exits": 1, "revenue": 20_000, "median_stay": 700, "turnover": 0.2}


def test_figures_are_made_once_a_second_however_many_ask():
    reports = reports_of(session(start=START))
    first = reports.figures(START, START + 60, 60)
    reports.view.upsert(session("51A-2", "A3", start=START))
    assert reports.figures(START, START + 60, 60) is first
    later = Reports(reports.view, document_of(), lambda: START + 1)
    assert later.figures(START, START + 60, 60)["totals"]["entries"] == 2
