"""Lots beside the first one: on the embedded engine, and with topics that are Strimzi's to make."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.support.cluster import crds
from tests.support.cluster.stand_in_topic_operator import StandInTopicOperator
from tests.support.cluster.waiting import eventually
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import LOTS, Stack

pytestmark = [pytest.mark.pods, pytest.mark.timeout(600)]

EMBEDDED = Path(__file__).parents[3] / "examples" / "embedded.yaml"


@pytest.fixture
def strimzi(stack: Stack) -> Iterator[None]:
    """Strimzi's definition of topics, and its topic operator, played by a stand-in. Ends after the lots."""
    crds.create(stack.api, crds.document(crds.KAFKA_TOPIC))
    crds.wait_served(stack.api, crds.KAFKA_TOPIC)
    with StandInTopicOperator(stack.api, stack.bootstrap_servers, cluster="main"):
        yield


@pytest.fixture
def make_lot(stack: Stack) -> Iterator[Callable[[Path], RunningLot]]:
    """Apply manifests of lots, which are deleted as their owner would."""
    made: list[Path] = []

    def make(manifest: Path) -> RunningLot:
        made.append(manifest)
        running = RunningLot(stack, yaml.safe_load(manifest.read_text())["metadata"]["name"])
        running.apply(manifest)
        running.wait_ready()
        return running

    yield make
    for manifest in made:
        stack.tools.kubectl("delete", "--namespace", LOTS, "-f", str(manifest), "--timeout=120s")


def test_the_embedded_engine_runs_in_a_pod_of_its_own(stack: Stack, make_lot: Callable[[Path], RunningLot]) -> None:
    lot = make_lot(EMBEDDED)
    assert len(stack.pods.ready(lot.labels("session-job"))) == 1
    with stack.tools.port_forward(LOTS, f"service/{lot.name}-gateway", 5000) as address:

        def ended() -> int:
            return int(httpx.get(f"http://{address}/api/statistics").json()["closed_sessions_total"])

        eventually(lambda: ended() > 2, timeout=120, what="no session has ended")
    lot.edit(cameras={"source": "External"})
    assert len(lot.wait_exact()) > 2


@pytest.mark.usefixtures("strimzi", "make_lot")  # in this order
def test_topics_may_be_strimzis(stack: Stack, make_lot: Callable[[Path], RunningLot], tmp_path: Path) -> None:
    manifest = yaml.safe_load(EMBEDDED.read_text())
    manifest["metadata"]["name"] = "strimzi"
    manifest["spec"]["kafka"]["cluster"] = {"name": "main", "namespace": "kafka"}
    manifest["spec"]["topics"] = {"raw": "strimzi-raw", "processed": "strimzi-processed", "quarantine": "strimzi-bad"}
    (tmp_path / "lot.yaml").write_text(yaml.safe_dump(manifest))
    lot = make_lot(tmp_path / "lot.yaml")
    made = {topic["spec"]["topicName"] for topic in stack.api.list("kafka.strimzi.io/v1", "KafkaTopic", "kafka")}
    assert made == set(manifest["spec"]["topics"].values())
    eventually(lambda: len(lot.table()) > 0, timeout=60, what="no session")
