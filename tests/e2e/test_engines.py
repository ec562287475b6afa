"""A lot that changes its engine while cars come and go: from Spark to the embedded one and back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.broker import consume_all
from tests.support.cars import Cars, Stay
from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.spark, pytest.mark.timeout(400)]

COMING, STAYING = [f"A{n}" for n in range(1, 16)], [f"B{n}" for n in range(1, 6)]


def lot(engine: str) -> dict[str, Any]:
    return {
        "apiVersion": "parking.dev/v1alpha1",
        "kind": "ParkingLot",
        "metadata": {"name": "central"},
        "spec": {
            "layout": {"rows": {"A": len(COMING), "B": len(STAYING)}},
            "cameras": {"source": "External"},
            "sessions": {"engine": engine, "shards": 2},
        },
    }


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with Platform(lot("Spark"), tmp_path) as started:
        yield started.wait_ready()


def ended(platform: Platform) -> int:
    return int(platform.get("/api/statistics")["closed_sessions_total"])


def see_cars_leave(platform: Platform, cars: Cars) -> None:
    """Wait until cars that left from now on have been seen to."""
    enough = len(cars.gone) + len(COMING)
    platform.until(lambda: ended(platform) >= enough, 60, "sessions that end")


def stay(session: dict[str, Any]) -> Stay:
    return Stay(**{field: session[field] for field in ("license_plate", "location", "start_time", "end_time")})


def test_no_session_is_lost_or_doubled(platform: Platform) -> None:
    with Cars(platform.bootstrap_servers, coming=COMING, staying=STAYING) as cars:
        see_cars_leave(platform, cars)
        for engine in ("Embedded", "Spark"):
            see_cars_leave(platform.edit(lot(engine)), cars)
    platform.until(lambda: ended(platform) >= len(cars.gone), 60, "the last sessions")

    told = platform.get("/api/sessions/closed?limit=1000")["closed_sessions"]
    assert sorted(map(str, map(stay, told))) == sorted(map(str, cars.gone))
    assert platform.get("/api/sessions/active")["count"] == 0

    newest: dict[str, dict[str, Any]] = {}
    for message in consume_all(platform.bootstrap_servers, "processed-data", at_least=len(cars.gone)):
        session = json.loads(message.value() or b"")
        newest[session["session_id"]] = max(newest.get(session["session_id"], session), session, key=version)
    assert sorted(map(str, map(stay, newest.values()))) == sorted(map(str, cars.gone))
    assert {session["status"] for session in newest.values()} == {"CLOSED"}
    assert consume_all(platform.bootstrap_servers, "quarantine") == []


def version(session: dict[str, Any]) -> int:
    return int(session["version"])
