"""The operator and those it works with, against a real API server and a real broker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from parking_operator.settings import Settings
from parking_operator.site import Site
from tests.support.cluster.chart import grant
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.lots import LotInCluster
from tests.support.cluster.operator import OperatorProcess
from tests.support.cluster.stand_in_kubelet import StandInKubelet
from tests.support.cluster.stand_in_spark_operator import StandInSparkOperator
from tests.support.cluster.stand_in_topic_operator import StandInTopicOperator


@dataclass(frozen=True)
class Surroundings:
    """An API server with a broker, and with those who play the other operators' and the kubelet's part."""

    plane: ControlPlane
    kafka: str
    kubelet: StandInKubelet
    spark: StandInSparkOperator
    namespace: str
    account: str
    arguments: tuple[str, ...]

    def options(self, *more: str) -> tuple[str, ...]:
        """Give the operator's options here: the chart's, but for the brokers."""
        return (*self.arguments, "--bootstrap-servers", self.kafka, "--max-replication", "1", *more)

    def operator(self, folder: Path, *more: str, url: str | None = None) -> OperatorProcess:
        """Give an operator with the rights of the chart; ``url`` when it is to go through a proxy."""
        kubeconfig = self.plane.kubeconfig_for(self.namespace, self.account, url=url)
        return OperatorProcess(kubeconfig, folder, *self.options(*more))

    @property
    def site(self) -> Site:
        """Give the site that such an operator renders for."""
        return Settings.from_argv(self.options()).site

    def lot(self, namespace: str | None = None, name: str = "central") -> LotInCluster:
        """Give a lot, not yet created, in a namespace of its own."""
        return LotInCluster(self.plane.api, self.site, namespace or self.plane.namespace("lot"), name)


@contextmanager
def surroundings_of(plane: ControlPlane, kafka: str) -> Iterator[Surroundings]:
    """Give an API server the operator's rights, a kubelet and a Spark operator."""
    namespace = plane.namespace("parking-system")
    account, arguments = grant(plane.api, namespace)
    with StandInKubelet(plane.api) as kubelet, StandInSparkOperator(plane.api) as spark:
        yield Surroundings(plane, kafka, kubelet, spark, namespace, account, arguments)


@pytest.fixture(scope="module")
def surroundings(control_plane: ControlPlane, kafka: str) -> Iterator[Surroundings]:
    """All that the operator works with, but for the operator; gone when others play these parts."""
    with (
        StandInTopicOperator(control_plane.api, kafka, cluster="main"),
        surroundings_of(control_plane, kafka) as everything,
    ):
        yield everything


@pytest.fixture(scope="module")
def operator(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorProcess]:
    """An operator for the tests of one module."""
    with surroundings.operator(tmp_path_factory.mktemp("operator")).at_work() as process:
        yield process


@pytest.fixture
def make_lot(surroundings: Surroundings, operator: OperatorProcess) -> Iterator[Callable[..., LotInCluster]]:
    """Make lots, which end with the test."""
    made: list[LotInCluster] = []

    def make(name: str = "central", namespace: str | None = None, **spec: object) -> LotInCluster:
        lot = surroundings.lot(namespace, name)
        lot.create(**spec)
        made.append(lot)
        return lot

    yield make
    for lot in made:
        lot.delete()
    for lot in made:
        lot.wait_until_gone()
