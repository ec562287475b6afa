"""Each part is killed while recorded cars come and go: the lot comes back by itself, and no session is wrong."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cluster.waiting import eventually
from tests.support.node.replay import replayed
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import SYSTEM, Stack
from tests.support.node.tools import Pods

pytestmark = [pytest.mark.pods, pytest.mark.timeout(900)]

_SECONDS = 24
"""How long a recording is played: long enough for a kill in the middle of it, on a slow machine too."""
_FAULTS = ("driver", "executor", "broker", "gateway", "operator")
_GATEWAYS = 2


@pytest.fixture(scope="module", autouse=True)
def quiet(stack: Stack, lot: RunningLot) -> int:
    """Take the simulated cameras away: only recorded cars come. Gives the number of events so far."""
    lot.edit(cameras={"source": "External"}, gateway={"replicas": _GATEWAYS})
    stack.pods.wait_ready(lot.labels("gateway"), _GATEWAYS)
    lot.wait_ready()
    stack.pods.wait_gone(lot.labels("camera"))
    return len(lot.events())


def victims(stack: Stack, lot: RunningLot) -> dict[str, tuple[Pods, str, int]]:
    """Give for each fault where its pods are, how to find them, and how many there should be."""
    job = {role: lot.labels("session-job", f"spark-role={role}") for role in ("driver", "executor")}
    return {
        **{role: (stack.pods, labels, 1) for role, labels in job.items()},
        "broker": (Pods(stack.api, "kafka"), "app=kafka", 1),
        "gateway": (stack.pods, lot.labels("gateway"), _GATEWAYS),
        "operator": (Pods(stack.api, SYSTEM), "app.kubernetes.io/component=operator", 1),
    }


@pytest.mark.parametrize("fault", _FAULTS)
def test_the_lot_recovers(
    stack: Stack, lot: RunningLot, tmp_path: Path, record_property: Callable[[str, object], None], fault: str
) -> None:
    pods, labels, count = victims(stack, lot)[fault]
    before = len(lot.events())
    with replayed(lot, tmp_path, f"cars-{fault}", seed=_FAULTS.index(fault), seconds=_SECONDS) as replay:
        lot.wait_live(time.time(), timeout=90)
        began = time.time()
        killed = pods.kill(labels)
        lot.wait_live(began)
        record_property("seconds until new events are shown", round(time.time() - began, 1))
        pods.wait_ready(labels, count, other_than=killed)
        lot.wait_ready()
        record_property("seconds until all is ready", round(time.time() - began, 1))
        replay.wait_done()
    events = lot.events()
    assert len(events) == before + replay.events, "each recorded event is in the raw topic once"


def test_every_session_is_what_the_oracle_says(stack: Stack, lot: RunningLot, quiet: int) -> None:
    assert len(lot.events()) > quiet
    table = lot.wait_exact()
    assert {row["status"] for row in table.values()} <= {"CLOSED", "TIMEOUT"}
    assert sum(row["status"] == "CLOSED" for row in table.values()) > 100

    def told() -> bool:
        statistics = lot.gateway("/api/statistics")
        return bool(statistics["closed_sessions_total"] == len(table) and statistics["active_sessions"] == 0)

    for _ in range(2 * _GATEWAYS):  # asks both gateways, most likely
        eventually(told, timeout=30, what="the gateway shows other sessions")
