"""What a new user does: apply a lot, look at it, scale its cameras. Events go through real pods all the way."""

from collections.abc import Iterator

import pytest

from tests.support.cluster.waiting import eventually
from tests.support.javascript_client import JavaScriptClient, javascript_client
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import LOTS, Stack

pytestmark = [pytest.mark.pods, pytest.mark.timeout(1_800)]


@pytest.fixture(scope="module")
def dashboard(lot: RunningLot) -> Iterator[JavaScriptClient]:
    """A dashboard outside of the cluster."""
    with javascript_client(lot.gateway_url, "websocket") as client:
        yield client


def test_the_lot_is_told_as_the_readme_says(stack: Stack, lot: RunningLot) -> None:
    heading, row = stack.tools.kubectl("get", "lots", "--namespace", LOTS).splitlines()
    assert heading.split() == ["NAME", "CAMERAS", "BAYS", "READY", "REASON", "URL", "AGE"]
    assert row.split()[:5] == [lot.name, "2", "20", "True", "Ready"]


def test_spark_runs_in_a_driver_and_an_executor_on_the_lots_own_claim(stack: Stack, lot: RunningLot) -> None:
    for role in ("driver", "executor"):
        (pod,) = stack.pods.all(lot.labels("session-job", f"spark-role={role}"))
        claims = [
            each["persistentVolumeClaim"]["claimName"]
            for each in pod["spec"]["volumes"]
            if "persistentVolumeClaim" in each
        ]
        assert claims == [f"{lot.name}-sessions-checkpoint"]
    assert lot.application()["status"]["applicationState"]["state"] == "RUNNING"


def test_a_dashboard_sees_a_session_open_and_close(dashboard: JavaScriptClient) -> None:
    told = dashboard.next("initial_data", 60)
    assert len(told["free_locations"]) + len(told["busy_locations"]) == 20
    before = {session["session_id"] for session in told["active_sessions"]}
    opened = dashboard.next(
        "parking_update", 90, where=lambda one: one["status"] == "ACTIVE" and one["session_id"] not in before
    )
    left = dashboard.next("exit_notification", 120, where=lambda one: one["session_id"] == opened["session_id"])
    assert (left["license_plate"], left["location"]) == (opened["license_plate"], opened["location"])
    assert left["cost"] > 0


def test_cameras_come_and_go_and_no_session_is_lost(stack: Stack, lot: RunningLot) -> None:
    application, (driver,) = lot.application(), stack.pods.ready(lot.labels("session-job", "spark-role=driver"))
    for count in (5, 1):
        lot.scale(count)
        stack.pods.wait_ready(lot.labels("camera"), count)
        lot.wait_ready()
        assert lot.body()["status"]["cameras"]["replicas"] == count
        seen = len(lot.events())
        eventually(lambda seen=seen: len(lot.events()) > seen, timeout=60, what="no more events")
    assert lot.application()["metadata"]["generation"] == application["metadata"]["generation"]
    assert stack.pods.ready(lot.labels("session-job", "spark-role=driver")) == [driver]

    lot.edit(cameras={"source": "External"})
    stack.pods.wait_gone(lot.labels("camera"))
    table = lot.wait_exact()
    assert {row["status"] for row in table.values()} <= {"CLOSED", "TIMEOUT"}
    ended = eventually(lambda: lot.gateway("/api/statistics"), timeout=30)
    assert (ended["active_sessions"], ended["closed_sessions_total"]) == (0, len(table))
