"""Install and upgrade on a real API server that knows nothing of the platform yet."""

import shutil
from pathlib import Path

import pytest
import yaml

from parking.manifest import load_lot
from tests.charts.helm import CHART, CRD_FILE, HelmError
from tests.charts.releases import RESTRICTED, install, uninstall
from tests.support.cluster import crds
from tests.support.cluster.control_plane import ControlPlane

pytestmark = pytest.mark.cluster


def _older_chart(folder: Path) -> Path:
    """A chart as it may have been before: with one column of ParkingLot less, and without network policy."""
    older = folder / "older"
    shutil.copytree(CHART, older)
    file = older / "files" / CRD_FILE.name
    crd = yaml.safe_load(file.read_text())
    crd["spec"]["versions"][0]["additionalPrinterColumns"].pop()
    file.write_text(yaml.safe_dump(crd, sort_keys=False))
    (older / "templates" / "networkpolicy.yaml").unlink()
    return older


def _columns(plane: ControlPlane) -> list[str]:
    crd = plane.api.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, crds.PARKING_LOT)
    assert crd
    return [column["name"] for column in crd["spec"]["versions"][0]["additionalPrinterColumns"]]


def test_the_notes_tell_how_to_go_on_and_their_lot_is_one(without_definition: ControlPlane) -> None:
    plane = without_definition
    namespace = plane.namespace("release", labels=RESTRICTED)
    told = install(plane, namespace, "install", CHART, "--set", "rbac.scope=namespaced")
    assert f"The operator looks after the lots of {namespace}." in told
    assert "given a PersistentVolumeClaim of 1Gi, ReadWriteMany" in told
    example = told.split("<<EOF\n")[1].split("\nEOF\n")[0]
    lot = load_lot(yaml.safe_load(example))
    assert plane.api.apply({**yaml.safe_load(example), "metadata": {"name": lot.name, "namespace": namespace}})
    uninstall(plane, namespace)


def test_an_upgrade_brings_the_definition_and_everything_else_up_to_date(
    without_definition: ControlPlane, tmp_path: Path
) -> None:
    plane = without_definition
    namespace = plane.namespace("release", labels=RESTRICTED)
    install(plane, namespace, "install", _older_chart(tmp_path))
    columns = _columns(plane)
    install(plane, namespace, "upgrade", CHART, "--set", "networkPolicy.enabled=true,operator.workers=2")
    assert _columns(plane)[:-1] == columns
    assert plane.api.get("networking.k8s.io/v1", "NetworkPolicy", namespace, "parking-operator")
    deployment = plane.api.get("apps/v1", "Deployment", namespace, "parking-operator")
    assert deployment
    assert "--workers=2" in deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    uninstall(plane, namespace)


def test_a_definition_that_was_there_before_can_be_taken_over(without_definition: ControlPlane) -> None:
    plane = without_definition
    plane.install_crds(crds.PARKING_LOT)
    namespace = plane.namespace("release", labels=RESTRICTED)
    with pytest.raises(HelmError, match="cannot be imported into the current release"):
        install(plane, namespace, "install", CHART)
    install(plane, namespace, "install", CHART, "--take-ownership")
    definition = plane.api.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, crds.PARKING_LOT)
    assert definition
    assert definition["metadata"]["annotations"]["meta.helm.sh/release-namespace"] == namespace
    uninstall(plane, namespace)
