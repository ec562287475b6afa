"""Version 2 over HTTP, of a gateway whose updates come from the test."""

import csv
import io
import time

import jsonschema
import pytest

from tests.support.live_gateway import LOT, Served, ended, session

NOW = int(time.time())
PARKED = session("51A-1", "A2")
GONE = [ended(session(f"51B-{n:03}", "A3", start=NOW - 3_000 + n)) for n in range(30)]
LOST = ended(session("51C-1", "B1", start=NOW - 5_000), status="TIMEOUT")


@pytest.fixture(scope="module", autouse=True)
def lot(gateway: Served) -> None:
    gateway.source.give(PARKED, *GONE, LOST)
    gateway.wait_for("/api/statistics", closed_sessions_total=31)


def test_every_answer_is_as_its_model_says(gateway):
    document = gateway.get("/api/openapi.json").json()
    for path in ("lot", "history?limit=3", f"sessions/{PARKED.session_id}", f"sessions/{LOST.session_id}", "figures"):
        name = {"lot": "Lot", "history": "History", "figures": "Figures"}.get(path.partition("?")[0], "SessionDetail")
        answer = gateway.get(f"/api/v2/{path}")
        assert answer.status_code == 200
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema.validate(answer.json(), schema)


def test_the_lot(gateway):
    told = gateway.get("/api/v2/lot").json()
    assert told["lot"] == LOT
    assert told["rows"] == [{"name": "A", "bays": ["A1", "A2", "A3"]}, {"name": "B", "bays": ["B1", "B2"]}]


def test_history_is_paged_to_its_end(gateway):
    plates, cursor = [], ""
    while True:
        page = gateway.get(f"/api/v2/history?plate=51b&limit=7{cursor}").json()
        plates += [one["license_plate"] for one in page["sessions"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert plates == [f"51B-{n:03}" for n in reversed(range(30))]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ("", 31),
        ("status=TIMEOUT", 1),
        ("status=CLOSED", 30),
        ("location=b1", 1),
        ("location=Z9", 0),
        (f"from={NOW - 4_000}", 30),
        (f"to={NOW - 4_000}", 1),
        ("plate=51a1", 0),
    ],
)
def test_history_is_filtered_and_the_file_is_too(gateway, filters, count):
    assert len(gateway.get(f"/api/v2/history?limit=100&{filters}").json()["sessions"]) == count
    file = gateway.get(f"/api/v2/history.csv?{filters}")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == f'attachment; filename="{LOT}-sessions.csv"'
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert len({row["session_id"] for row in rows}) == len(rows) == count


def test_a_file_of_many_pages_is_whole(gateway, monkeypatch):
    monkeypatch.setattr("parking_api.routes.rest2.EXPORTED_AT_ONCE", 4)
    assert len(gateway.get("/api/v2/history.csv").text.splitlines()) == 32


def test_an_unknown_session(gateway):
    told = gateway.get("/api/v2/sessions/nothing")
    assert (told.status_code, told.json()) == (404, {"error": "unknown session 'nothing'"})


def test_figures_of_today_unless_asked_otherwise(gateway):
    today = gateway.get("/api/v2/figures").json()
    assert (today["step"], today["bays"], today["currency"]) == (3_600, 5, "VND")
    assert today["from"] <= NOW < today["to"] <= NOW + 120
    asked = gateway.get(f"/api/v2/figures?from={NOW - 7_199}&to={NOW}&step=7320").json()
    assert asked["from"] % 60 == 0
    assert asked["totals"] == {"entries": 32, "exits": 31, "revenue": 620_000, "median_stay": 700, "turnover": 6.2}
    assert asked["series"]["occupied"] == [1]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("history?limit=0", "limit"),
        ("history?limit=1001", "limit"),
        ("history?cursor=x", "cursor"),
        ("history?status=ACTIVE", "status"),
        ("history?from=-1", "from"),
        ("history?to=1795341600000", "to"),
        ("history.csv?status=GONE", "status"),
        ("figures?step=61", "step"),
        ("figures?step=0", "step"),
        ("figures?from=0&step=60", "step"),
    ],
)
def test_what_makes_no_sense_is_named(gateway, path, named):
    told = gateway.get(f"/api/v2/{path}")
    assert told.status_code == 422
    assert named in str(told.json()["detail"])
