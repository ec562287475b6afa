"""The end: lots are deleted, the chart is uninstalled, and nothing of them is left but what was asked to stay."""

import pytest
from confluent_kafka.admin import AdminClient

from tests.support.cluster import crds
from tests.support.cluster.chart import RELEASE
from tests.support.cluster.waiting import eventually
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import LOTS, SYSTEM, Stack

pytestmark = [pytest.mark.pods, pytest.mark.timeout(600)]

_OURS = "app.kubernetes.io/part-of=parking"


def left_of_us(stack: Stack) -> list[str]:
    """Name every object in the cluster that bears our label."""
    kinds = stack.tools.kubectl("api-resources", "--verbs=list", "--output=name").split()
    wanted = ",".join(kind for kind in kinds if not kind.startswith("events"))
    found = stack.tools.kubectl("get", wanted, "--all-namespaces", f"--selector={_OURS}", "--output=name")
    return found.split()


def test_nothing_is_left(stack: Stack, lot: RunningLot) -> None:
    topics = lot.read().spec.topics
    stack.tools.kubectl("delete", "lot", lot.name, "--namespace", LOTS, "--timeout=180s")
    stack.tools.kubectl("delete", "service", "dashboards", "--namespace", LOTS)
    stack.pods.wait_gone()
    stack.tools.helm("uninstall", RELEASE, "--namespace", SYSTEM, "--wait")
    stack.tools.kubectl("delete", "crd", crds.PARKING_LOT, "--timeout=60s")
    eventually(lambda: not left_of_us(stack), timeout=60, what=f"left: {left_of_us(stack)}")
    kept = AdminClient({"bootstrap.servers": stack.bootstrap_servers}).list_topics(timeout=10).topics
    assert {topics.raw, topics.processed, topics.quarantine} <= kept.keys(), "deletionPolicy Retain keeps the data"
