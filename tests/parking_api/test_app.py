"""The REST interface, health, metrics and the page, of a gateway whose updates come from the test."""

import re

import pytest

from parking.session import Session
from parking_api.routes import models
from tests.support.live_gateway import BAYS, LOT, Served, ended, served_gateway, session

PARKED = session("51A-1", "A2")
GONE = ended(session("51A-2", "A3"))


@pytest.fixture(scope="module", autouse=True)
def lot(gateway: Served) -> None:
    gateway.source.give(PARKED, GONE, session(lot="elsewhere"), PARKED, invalid=3)
    gateway.wait_for("/api/statistics", closed_sessions_total=1)


def test_the_frozen_shapes(gateway):
    counters = {
        "total_locations": 5,
        "busy_count": 1,
        "free_count": 4,
        "active_sessions": 1,
        "closed_sessions_total": 1,
    }
    assert gateway.get("/api/statistics").json() == counters
    assert gateway.get("/api/status").json() == {"status": "running", "lot": LOT} | counters
    assert gateway.get("/api/locations/free").json() == {"free_locations": ["A1", "A3", "B1", "B2"], "count": 4}
    assert gateway.get("/api/locations/busy").json() == {"busy_locations": ["A2"], "count": 1}
    active = gateway.get("/api/sessions/active").json()
    assert active["count"] == 1
    assert active["active_sessions"][0].keys() >= {
        *("license_plate", "location", "start_time", "duration", "cost", "status")
    }
    closed = gateway.get("/api/sessions/closed").json()
    assert closed == {"closed_sessions": [GONE.model_dump(mode="json")], "count": 1}
    assert closed["closed_sessions"][0].keys() == Session.model_fields.keys()


def test_a_bay_in_any_case_and_an_unknown_one(gateway):
    occupied = gateway.get("/api/location/a2").json()
    assert (occupied["status"], occupied["location"], occupied["license_plate"]) == ("OCCUPIED", "A2", "51A-1")
    assert gateway.get("/api/location/A3").json()["status"] == "FREE"
    unknown = gateway.get("/api/location/Z9")
    assert (unknown.status_code, unknown.json()) == (404, {"error": "unknown location 'Z9'"})


@pytest.mark.parametrize(("limit", "code"), [("0", 422), ("1001", 422), ("few", 422), ("1", 200), ("1000", 200)])
def test_limit_is_checked(gateway, limit, code):
    assert gateway.get(f"/api/sessions/closed?limit={limit}").status_code == code


def test_openapi_has_examples_that_the_models_allow(gateway):
    document = gateway.get("/api/openapi.json").json()
    assert all(item["get"]["summary"] for item in document["paths"].values())
    for name in ("Statistics", "Status", "FreeLocations", "BusyLocations", "ActiveSession", "Location", "Problem"):
        fields = document["components"]["schemas"][name]["properties"]
        example = {field: example_of(schema) for field, schema in fields.items()}
        getattr(models, name).model_validate(example, strict=True)
    (closed,) = document["components"]["schemas"]["ClosedSession"]["examples"]
    assert models.ClosedSession.model_validate(closed).model_dump(mode="json") == closed


def example_of(schema: dict) -> object:
    """The example of a field, or of its first variant."""
    return (schema | schema.get("anyOf", [{}])[0])["examples"][0]


def test_pages_of_other_origins_may_ask(gateway):
    headers = {"Origin": "http://dashboard.example"}
    assert gateway.get("/api/status", headers=headers).headers["access-control-allow-origin"] == "*"
    polled = gateway.get("/socket.io/?EIO=4&transport=polling", headers=headers)
    assert polled.headers["access-control-allow-origin"] == "http://dashboard.example"


def test_only_listed_origins_and_its_own_page_when_origins_are_listed():
    with served_gateway(cors_origins=("http://good.example",)) as gateway:
        polling = "/socket.io/?EIO=4&transport=polling"
        codes = {
            origin: gateway.get(polling, headers={"Origin": origin}).status_code
            for origin in ("http://good.example", gateway.url, "http://bad.example")
        }
        assert codes == {"http://good.example": 200, gateway.url: 200, "http://bad.example": 400}
        rest = gateway.get("/api/status", headers={"Origin": "http://bad.example"})
        assert "access-control-allow-origin" not in rest.headers


def test_long_answers_are_compressed(gateway):
    gateway.source.give(*(ended(session(f"51A-{n}", "Z1", start=n)) for n in range(30)))
    gateway.wait_for("/api/statistics", closed_sessions_total=31)
    assert gateway.get("/api/sessions/closed").headers["content-encoding"] == "gzip"


def test_metrics(gateway):
    figures = dict(re.findall(r"^(parking_gateway_\S+) (\S+)$", gateway.get("/metrics").text, re.MULTILINE))
    records = {
        outcome: figures[f'parking_gateway_records_total{{outcome="{outcome}"}}']
        for outcome in ("stale", "foreign", "invalid")
    }
    assert records == {"stale": "1.0", "foreign": "1.0", "invalid": "3.0"}
    assert (figures["parking_gateway_ready"], figures["parking_gateway_open_sessions"]) == ("1.0", "1.0")


def test_readiness_tells_its_reason_and_health_does_not_depend_on_it():
    with served_gateway() as gateway:
        gateway.source.give(rebuilt=False)
        gateway.wait_for("/readyz", status=503, reason="rebuilding")
        assert gateway.get("/healthz").status_code == 200
        gateway.source.give()
        gateway.wait_for("/readyz", ready=True)


def test_an_error_of_our_own_makes_it_unhealthy():
    with served_gateway() as gateway:
        gateway.source.give(sessions=None)
        gateway.wait_for("/healthz", status=503)
        assert gateway.get("/readyz").status_code == 503


def test_all_bays_are_known(gateway):
    told = gateway.get("/api/locations/free").json()["free_locations"]
    assert {*told, "A2"} == set(BAYS)
