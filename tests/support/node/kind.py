"""A kind cluster in the place of one of our own: for machines with Docker and an image registry."""

import json
import shutil
import subprocess
from collections.abc import Mapping

from tests.support.images import Image
from tests.support.node.cluster import Cluster
from tests.support.node.place import Place

NAME = "parking-tests"
_NODE_PORTS = (30092, 30500)
"""Ports of the node that tests reach: the broker, a gateway."""


def is_usable() -> bool:
    """Whether kind is installed and a container engine answers."""
    if shutil.which("kind") is None or shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def up(place: Place, images: Mapping[str, Image]) -> Cluster:
    """Make the cluster unless it is there, and bring images in."""
    kubeconfig = place.root / "kind-kubeconfig"
    if NAME not in _kind("get", "clusters").split():
        place.root.mkdir(parents=True, exist_ok=True)
        _kind("create", "cluster", *_named(), "--kubeconfig", str(kubeconfig), "--config", "-", stdin=_config())
    for image in images.values():
        _kind("load", "image-archive", *_named(), str(image.archive))
    return Cluster(kubeconfig, "127.0.0.1", _host())


def down() -> None:
    """Delete the cluster."""
    _kind("delete", "cluster", *_named())


def _host() -> str:
    """Ask for this machine's address in the network of kind's nodes, which may have an IPv6 one too."""
    argv = ["docker", "network", "inspect", "kind", "--format", "{{range .IPAM.Config}}{{println .Gateway}}{{end}}"]
    addresses = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return next(address for address in addresses if "." in address)


def _config() -> str:
    ports = [{"containerPort": port, "hostPort": port, "listenAddress": "127.0.0.1"} for port in _NODE_PORTS]
    node = {"role": "control-plane", "extraPortMappings": ports}
    return json.dumps({"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "nodes": [node]})


def _named() -> tuple[str, str]:
    return "--name", NAME


def _kind(*argv: str, stdin: str | None = None) -> str:
    done = subprocess.run(["kind", *argv], input=stdin, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout
