"""The chart in use: its own test, and an upgrade while a lot is at work."""

import pytest

from tests.support.cluster.chart import CHART, RELEASE
from tests.support.cluster.waiting import eventually
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import SYSTEM, Stack
from tests.support.node.tools import Pods

pytestmark = [pytest.mark.pods, pytest.mark.timeout(600)]


def test_the_chart_passes_its_own_test(stack: Stack) -> None:
    assert "Phase:          Succeeded" in stack.tools.helm("test", RELEASE, "--namespace", SYSTEM)


def test_an_upgrade_leaves_a_running_lot_as_it_is(stack: Stack, lot: RunningLot) -> None:
    lot.edit(cameras={"source": "Simulated", "count": 2})
    lot.wait_ready()
    operators = Pods(stack.api, SYSTEM)
    (old,) = operators.ready("app.kubernetes.io/component=operator")
    before = {pod["metadata"]["uid"] for pod in stack.pods.all(f"app.kubernetes.io/instance={lot.name}")}
    stack.tools.install(RELEASE, CHART, SYSTEM, stack.chart_values() | {"operator": {"resyncSeconds": 300}})
    operators.wait_ready("app.kubernetes.io/component=operator", 1, other_than=old)
    lot.wait_ready()
    seen = len(lot.table())
    eventually(lambda: len(lot.table()) > seen, timeout=90, what="no new session after the upgrade")
    assert {pod["metadata"]["uid"] for pod in stack.pods.all(f"app.kubernetes.io/instance={lot.name}")} == before
