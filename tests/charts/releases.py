"""Installs the chart on an API server, and takes it away."""

from pathlib import Path

from tests.charts.helm import helm
from tests.support.cluster import crds
from tests.support.cluster.control_plane import ControlPlane

RESTRICTED = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "latest",
}
"""Labels of a namespace that enforces the restricted Pod Security level."""


def install(plane: ControlPlane, namespace: str, verb: str, chart: Path, *more: str) -> str:
    """Install or upgrade; gives what the user is told."""
    told = helm(verb, "parking", chart, "--namespace", namespace, *more, kubeconfig=plane.kubeconfig)
    crds.wait_served(plane.api, crds.PARKING_LOT)
    return told


def uninstall(plane: ControlPlane, namespace: str) -> None:
    """Uninstall without the Job before it, which needs a kubelet to run."""
    helm("uninstall", "parking", "--namespace", namespace, "--no-hooks", kubeconfig=plane.kubeconfig)
