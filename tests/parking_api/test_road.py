"""What the gateway knows of the road, whatever the order in which reports come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.road import Emergency, Gps
from parking_api import road as module
from parking_api.road import INCIDENT_SECONDS, Report, Road
from parking_api.routes import models2
from tests.support.live_gateway import ROAD

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


def gps(device: str, seconds_ago: float = 0, *, clock_is_late: float = 0, **changes: Any) -> Report[Gps]:
    where = {"latitude": 10.78, "longitude": 106.69, "accuracy": 4.0, "speed": 40.0, "direction": 90.0}
    measured = NOW - timedelta(seconds=seconds_ago + clock_is_late)
    told = {"device_id": device, "timestamp": measured, "vehicle_type": "taxi", **where}
    return Report(Gps(**(told | {"id": f"{device}-{seconds_ago}"} | changes)), NOW.timestamp() - seconds_ago)


def incident(name: str | None, seconds_ago: float = 0, status: str = "Active") -> Report[Emergency]:
    told = {"id": f"{name}-{seconds_ago}", "device_id": "veh-1", "timestamp": NOW - timedelta(seconds=seconds_ago)}
    what = {"incident_id": name, "type": "Accident" if name else "None", "description": "two cars"}
    record = Emergency(**told, **what, location=(10.7, 106.6), status=status)
    return Report(record, NOW.timestamp() - seconds_ago)


def road(*reports: Report[Any]) -> Road:
    made = Road(ROAD, NOW.timestamp)
    made.see(reports)
    return made


def devices(told: dict[str, Any]) -> dict[str, float]:
    return {vehicle["device_id"]: vehicle["speed"] for vehicle in told["vehicles"]}


def test_an_answer_is_as_its_model_says() -> None:
    told = road(gps("veh-1", 2), incident("inc-1", 3)).told()
    assert models2.Road.model_validate(told).model_dump() == {
        **told,
        "route": [tuple(point) for point in told["route"]],
    }
    assert told["route"] == [[10.75, 106.65], [10.78, 106.69], [10.79, 106.69]]
    (vehicle,) = told["vehicles"]
    assert told["now"] - vehicle["reported"] == 2_000
    assert (vehicle["latitude"], vehicle["longitude"], vehicle["vehicle_type"]) == (10.78, 106.69, "taxi")
    assert [(one["incident_id"], one["latitude"]) for one in told["incidents"]] == [("inc-1", 10.7)]


@given(st.permutations([(device, age) for device in "abc" for age in (0, 1, 4, 9)]))
def test_the_newest_report_counts_in_whatever_order_they_come(order: list[tuple[str, int]]) -> None:
    told = road(*(gps(device, age, speed=float(age)) for device, age in order)).told()
    assert devices(told) == {"a": 0.0, "b": 0.0, "c": 0.0}


def test_who_reports_no_more_is_gone() -> None:
    made = road(gps("here", 9), gps("gone", 11))
    assert made.patience == 10
    assert devices(made.told()) == {"here": 40.0}
    assert made.count == 1


@pytest.mark.parametrize("late", [-50, 3_600])
def test_a_device_whose_clock_is_wrong_is_shown_as_long_as_others(late: float) -> None:
    assert devices(road(gps("here", 5, clock_is_late=late), gps("gone", 11, clock_is_late=late)).told()) == {
        "here": 40.0
    }


def test_slow_reporters_have_more_time() -> None:
    made = Road(ROAD.model_copy(update={"report_interval": timedelta(seconds=20)}), NOW.timestamp)
    made.see([gps("slow", 59), gps("gone", 61)])
    assert devices(made.told()) == {"slow": 40.0}


def test_an_incident_is_shown_until_it_is_resolved_or_long_unseen() -> None:
    told = road(
        incident("resolved", 5), incident("resolved", 1, "Resolved"), incident("open", 30), incident(None),
        incident("old", INCIDENT_SECONDS + 1), incident("back", 9, "Resolved"), incident("back", 2),
    ).told()  # fmt: skip
    assert {one["incident_id"] for one in told["incidents"]} == {"open", "back"}


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    told = road(*(gps(f"veh-{n}", 5 - n) for n in range(5)), gps("veh-2")).told()
    assert set(devices(told)) == {"veh-2", "veh-3", "veh-4"}
