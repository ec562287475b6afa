"""An API server on which nothing of the platform is installed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.cluster.control_plane import ControlPlane


@pytest.fixture(scope="session")
def empty_plane(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator["ControlPlane"]:
    from tests.support.cluster.control_plane import own_control_plane  # late: the client takes long to import

    if request.config.getoption("--kube-context"):
        pytest.skip("would change the definition of ParkingLot in a cluster given by --kube-context")
    with own_control_plane(tmp_path_factory.mktemp("empty-control-plane")) as plane:
        yield plane


@pytest.fixture
def without_definition(empty_plane: "ControlPlane") -> "ControlPlane":
    from tests.support.cluster import crds

    if empty_plane.api.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, crds.PARKING_LOT):
        for lot in empty_plane.api.list("parking.dev/v1alpha1", "ParkingLot"):
            empty_plane.api.merge(lot, {"metadata": {"finalizers": None}})
        empty_plane.remove_crd(crds.PARKING_LOT)
    return empty_plane
