"""Fixtures and options that several packages' tests share."""

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.broker import kafka_broker

if TYPE_CHECKING:
    from tests.support.cluster.control_plane import ControlPlane

# Property tests run on busy machines too: no deadline for a single example.
settings.register_profile("parking", deadline=None, max_examples=50)
settings.load_profile("parking")


def pytest_configure() -> None:
    # Ended by SIGTERM (a time limit, a cancelled job), a run stops what it started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew instead of comparing")
    parser.addoption("--kube-context", metavar="NAME", help="use this context of KUBECONFIG, starting no API server")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap servers of one real broker, shared by a whole run: use topic names of your own."""
    with kafka_broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.bootstrap_servers


@pytest.fixture(scope="session")
def control_plane(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator["ControlPlane"]:
    """A Kubernetes API server with our CRD and those of what we build on: use namespaces of your own."""
    from tests.support.cluster import crds  # late: the Kubernetes client takes long to import
    from tests.support.cluster.control_plane import named_control_plane, own_control_plane

    folder = tmp_path_factory.mktemp("control-plane")
    context = request.config.getoption("--kube-context")
    plane = named_control_plane(folder, context, *crds.base()) if context else own_control_plane(folder, *crds.base())
    with plane as running:
        yield running
