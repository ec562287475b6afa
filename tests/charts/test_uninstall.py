"""What an uninstall leaves behind, on a real API server, and the Job that comes before it."""

import os
import subprocess
import sys
import time
from functools import partial

import pytest

from tests.charts.helm import (
    CHART,
    HelmError,
    Manifest,
    arguments_after,
    helm,
    is_hook,
    manifests,
    pick,
    pods,
    template,
)
from tests.charts.releases import RESTRICTED, install, uninstall
from tests.support.cluster import crds
from tests.support.cluster.api import ApiError
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.waiting import eventually

pytestmark = pytest.mark.cluster

Place = tuple[str, str, str]
"""Kind, namespace and name."""
CRD: Place = ("CustomResourceDefinition", "", crds.PARKING_LOT)
NOT_COUNTED = {"Event", "Lease", "ComponentStatus", "APIService"}
"""What comes and goes by itself; an APIService does with its definition."""
LOT = {
    "apiVersion": "parking.dev/v1alpha1",
    "kind": "ParkingLot",
    "spec": {"layout": {"rows": {"A": 2}}, "sessions": {"engine": "Embedded"}},
}
FINALIZER = "parking.dev/children"


def _inventory(plane: ControlPlane) -> set[Place]:
    """Everything that there is."""
    groups = [group["preferredVersion"]["groupVersion"] for group in plane.api.request("GET", "/apis")["groups"]]
    found: set[Place] = set()
    for version in ("v1", *groups):
        told = plane.api.request("GET", f"/apis/{version}" if "/" in version else f"/api/{version}")["resources"]
        for kind in sorted(
            {one["kind"] for one in told if "list" in one["verbs"] and "/" not in one["name"]} - NOT_COUNTED
        ):
            for item in plane.api.list(version, kind):
                found.add((kind, item["metadata"].get("namespace", ""), item["metadata"]["name"]))
    return found


def _has_come(plane: ControlPlane, before: set[Place], expected: set[Place]) -> bool:
    try:
        come = _inventory(plane) - before
    except ApiError as error:  # a definition that has just changed cannot be listed for a moment
        raise AssertionError(str(error)) from error
    assert come == expected
    return True


def _is_furnished(plane: ControlPlane, namespace: Manifest) -> bool:
    """Whether the controllers have put into a namespace what they put into each."""
    return plane.api.get("v1", "ConfigMap", namespace["metadata"]["name"], "kube-root-ca.crt") is not None


def test_an_uninstall_leaves_the_definition_and_the_lots_and_nothing_else(without_definition: ControlPlane) -> None:
    plane = without_definition
    namespace = plane.namespace("release", labels=RESTRICTED)
    eventually(lambda: all(map(partial(_is_furnished, plane), plane.api.list("v1", "Namespace"))))
    before = _inventory(plane)
    install(plane, namespace, "install", CHART)
    lot = plane.api.apply({**LOT, "metadata": {"name": "central", "namespace": namespace}})
    assert len(_inventory(plane) - before) > 10
    uninstall(plane, namespace)
    eventually(lambda: _has_come(plane, before, {CRD, ("ParkingLot", namespace, "central")}))
    install(plane, namespace, "install", CHART)
    kept = plane.api.get("parking.dev/v1alpha1", "ParkingLot", namespace, "central")
    assert kept
    assert kept["metadata"]["uid"] == lot["metadata"]["uid"]
    uninstall(plane, namespace)


def test_an_uninstall_gives_up_in_time_when_its_job_cannot_run(without_definition: ControlPlane) -> None:
    plane = without_definition  # where no kubelet runs any pod
    namespace = plane.namespace("release", labels=RESTRICTED)
    install(plane, namespace, "install", CHART, "--set", "uninstall.activeDeadlineSeconds=10")
    began = time.monotonic()
    with pytest.raises(HelmError, match="parking-release"):
        helm("uninstall", "parking", "--namespace", namespace, kubeconfig=plane.kubeconfig)
    assert time.monotonic() - began < 60
    assert plane.api.get("apps/v1", "Deployment", namespace, "parking-operator")
    uninstall(plane, namespace)
    assert plane.api.get("apps/v1", "Deployment", namespace, "parking-operator") is None


@pytest.mark.parametrize("scope", ["cluster", "namespaced"])
def test_before_an_uninstall_the_operator_is_stopped_and_lots_are_freed(empty_plane: ControlPlane, scope: str) -> None:
    plane = empty_plane
    plane.install_crds(crds.PARKING_LOT)
    namespace, elsewhere = plane.namespace("release"), plane.namespace("other")
    rendered = manifests(template("--set", f"rbac.scope={scope}", namespace=namespace))
    for manifest in rendered:
        if manifest["kind"] == "ServiceAccount" or (is_hook(manifest) and manifest["kind"] not in {"Job", "Pod"}):
            plane.api.apply(manifest)
    deployment = plane.api.apply(pick(rendered, "Deployment"))
    for place in (namespace, elsewhere):
        metadata = {"name": "central", "namespace": place}
        plane.api.apply({**LOT, "metadata": metadata})
        held = {key: LOT[key] for key in ("apiVersion", "kind")}
        plane.api.apply({**held, "metadata": {**metadata, "finalizers": [FINALIZER]}}, manager="parking-operator")
    eventually(lambda: _status(plane, deployment).get("replicas") == 1)

    done = _run_hook(plane, namespace, pick(rendered, "Job"))
    assert done.returncode == 0, done.stderr
    assert not _status(plane, deployment).get("replicas")
    assert not _finalizers(plane, namespace)
    assert _finalizers(plane, elsewhere) == ([] if scope == "cluster" else [FINALIZER])


def _run_hook(plane: ControlPlane, namespace: str, job: Manifest) -> subprocess.CompletedProcess[str]:
    """Run the program of the Job with the Job's arguments and rights."""
    (pod,) = pods([job])
    config = plane.kubeconfig_for(namespace, pod["spec"]["serviceAccountName"])
    return subprocess.run(
        [sys.executable, "-m", "parking_operator", "release", *arguments_after("release", pod)],
        env={**os.environ, "KUBECONFIG": str(config), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def _status(plane: ControlPlane, deployment: Manifest) -> Manifest:
    metadata = deployment["metadata"]
    found = plane.api.get("apps/v1", "Deployment", metadata["namespace"], metadata["name"])
    assert found
    status: Manifest = found.get("status", {})
    return status


def _finalizers(plane: ControlPlane, namespace: str) -> list[str]:
    lot = plane.api.get("parking.dev/v1alpha1", "ParkingLot", namespace, "central")
    assert lot
    found: list[str] = lot["metadata"].get("finalizers", [])
    return found
