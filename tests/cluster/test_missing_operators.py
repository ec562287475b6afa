"""A cluster without Strimzi, without the Spark operator, or with an older Strimzi: told, and healed when they come."""

from collections.abc import Iterator

import pytest

from tests.cluster.conftest import Surroundings, surroundings_of
from tests.support.cluster import crds
from tests.support.cluster.control_plane import own_control_plane
from tests.support.cluster.lots import LotInCluster
from tests.support.cluster.operator import OperatorProcess
from tests.support.cluster.stand_in_topic_operator import StandInTopicOperator
from tests.support.cluster.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.broker]

KAFKA = {"cluster": {"name": "main", "namespace": "default"}, "replicas": 1}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, kafka: str) -> Iterator[Surroundings]:
    """A control plane of its own that knows ParkingLots and nothing else that has to be installed."""
    with (
        own_control_plane(tmp_path_factory.mktemp("bare"), crds.PARKING_LOT) as plane,
        surroundings_of(plane, kafka) as s,
    ):
        yield s


@pytest.fixture(scope="module")
def lot(bare: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LotInCluster, OperatorProcess]]:
    with bare.operator(tmp_path_factory.mktemp("operator")).at_work() as process:
        made = bare.lot()
        made.create(kafka=KAFKA)
        yield made, process


def test_what_is_missing_is_told_and_the_rest_is_made(lot: tuple[LotInCluster, OperatorProcess]) -> None:
    made, _ = lot
    assert "KafkaTopic; Strimzi is not installed" in made.wait_for("NotInstalled", condition="TopicsReady")
    message = made.wait_for("NotInstalled", condition="SessionJobReady")
    assert "SparkApplication; the Spark operator is not installed" in message
    assert made.wait_for("Ready", condition="GatewayReady")
    assert ("Warning", "NotInstalled") in made.events()


def test_it_heals_when_they_are_installed(bare: Surroundings, lot: tuple[LotInCluster, OperatorProcess]) -> None:
    """With a Strimzi that serves its older version only."""
    made, process = lot
    bare.plane.install_older_kafka_topics()
    with StandInTopicOperator(bare.plane.api, bare.kafka, cluster="main", api_version="kafka.strimzi.io/v1beta2"):
        made.wait_for("Ready", condition="TopicsReady", timeout=90)
        bare.plane.install_crds(crds.SPARK_APPLICATION)
        made.wait_for("Ready", timeout=90)
        topic = f"{made.namespace}-central-{made.namespace}-central-raw"
        old = bare.plane.api.get("kafka.strimzi.io/v1beta2", "KafkaTopic", "default", topic)
        assert old, "it is made in the version that is served"
        bare.plane.api.delete("kafka.strimzi.io/v1beta2", "KafkaTopic", "default", topic)
        eventually(
            lambda: (
                (new := bare.plane.api.get("kafka.strimzi.io/v1beta2", "KafkaTopic", "default", topic)) is not None
                and new["metadata"]["uid"] != old["metadata"]["uid"]
            ),
            timeout=60,
            what="its watch does not bring the loss of a topic",
        )
        process.wait_until_quiet()
        made.delete()
        eventually(lambda: made.body() is None, timeout=60)
        left = bare.plane.api.list("kafka.strimzi.io/v1beta2", "KafkaTopic", "default")
        assert left == []
