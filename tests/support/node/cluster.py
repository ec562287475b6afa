"""Brings a cluster of one node up on this machine, and down again."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import urllib3

from parking_local.ports import free_port
from tests.support.cluster.api import Api, ApiError
from tests.support.cluster.child import StartError
from tests.support.cluster.control_plane import is_ready
from tests.support.images import Image
from tests.support.node import files, machine, pki, programs
from tests.support.node.place import ADDRESS, NODE, Place

_PARTS = ("containerd", "etcd", "kube-apiserver")
_NODE = "v1", "Node", None, NODE


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that is up."""

    kubeconfig: Path
    address: str
    """Where ports of the node, such as a Service's NodePort, are reached from this machine."""
    host: str
    """Where servers of this machine are reached from pods."""


def up(place: Place, images: Mapping[str, Image], say: Callable[[str], None] = print) -> Cluster:
    """Bring the cluster up, or take it as it is when it is up, and bring images in; raises StartError."""
    began = time.monotonic()

    def timed(what: str) -> None:
        say(f"{time.monotonic() - began:5.1f} s  {what}")

    if not is_up(place):
        down(place)
        if why := machine.missing() or machine.taken():
            raise StartError(why)
        _start_containerd(place, images)
        timed("images")
        _start(place, timed)
    else:
        _load(place, images)
    return Cluster(place.kubeconfig, ADDRESS, ADDRESS)


def is_up(place: Place) -> bool:
    """Whether all programs run and the node is ready."""
    if not place.kubeconfig.exists():
        return False
    return {*_PARTS, *programs.others(place)} <= programs.running(place) and _node_is_ready(place)


def down(place: Place, *, images: bool = False) -> None:
    """End the cluster and all its pods, and undo what it changed here; ``images`` too."""
    programs.stop(place, "kubelet", "kube-proxy", "coredns")
    programs.stop(place, "kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd", timeout=5)
    if place.state.exists():
        machine.kill_pods(place)
        _forget_containers(place)
        programs.stop(place, "containerd")
        machine.restore(place)
        shutil.rmtree(place.state)
    place.kubeconfig.unlink(missing_ok=True)
    if images:
        shutil.rmtree(place.images, ignore_errors=True)


def _start_containerd(place: Place, images: Mapping[str, Image]) -> None:
    """Start what runs containers, with these images and no others."""
    place.make_folders()
    files.write(place, etcd_ports=[free_port(), free_port()], pause=images["pause"].reference)
    programs.start(place, "containerd", programs.containerd(place))
    programs.wait_for(place, "containerd", lambda: _answers(place))
    wanted = {image.reference for image in images.values()}
    if outdated := [name for name in _present(place) if name.startswith("localhost/") and name not in wanted]:
        _ctr(place, "images", "remove", *outdated)
    _load(place, images)


def _load(place: Place, images: Mapping[str, Image]) -> None:
    present = _present(place)
    for image in images.values():
        if image.reference not in present:
            _ctr(place, "images", "import", str(image.archive))


def _start(place: Place, say: Callable[[str], None]) -> None:
    pki.write(place)
    machine.prepare(place)
    programs.start(place, "etcd", programs.etcd(place))
    programs.start(place, "kube-apiserver", programs.api_server(place))
    api = Api.of(place.kubeconfig)
    programs.wait_for(place, "kube-apiserver", lambda: is_ready(api))
    say("API server")
    for manifest in files.cluster_objects(place):
        api.create(manifest)
    for name, argv in programs.others(place).items():
        programs.start(place, name, argv)
    programs.wait_for(place, "kubelet", lambda: _node_is_ready(place))
    account = "v1", "ServiceAccount", "default", "default"
    programs.wait_for(place, "kube-controller-manager", lambda: api.get(*account) is not None)
    say("node ready")
    api.close()


def _node_is_ready(place: Place) -> bool:
    api = Api.of(place.kubeconfig)
    try:
        with suppress(ApiError, urllib3.exceptions.HTTPError):
            told = (api.get(*_NODE) or {}).get("status", {}).get("conditions", ())
            return any(each["type"] == "Ready" and each["status"] == "True" for each in told)
        return False
    finally:
        api.close()


def _answers(place: Place) -> bool:
    with suppress(subprocess.CalledProcessError):
        return bool(_ctr(place, "version"))
    return False


def _present(place: Place) -> set[str]:
    return set(_ctr(place, "images", "list", "--quiet").split())


def _forget_containers(place: Place) -> None:
    """Remove what containerd would still know of the pods at its next start."""
    if "containerd" in programs.running(place):
        for what in ("tasks", "containers"):
            names = _ctr(place, what, "list", "--quiet").split()
            for part in _in_parts(names):
                with suppress(subprocess.CalledProcessError):
                    _ctr(place, what, "delete", *(["--force"] if what == "tasks" else []), *part)


def _in_parts(names: list[str], size: int = 50) -> Iterable[list[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))


def _ctr(place: Place, *argv: str) -> str:
    command = ["ctr", "--address", str(place.socket), "--namespace", "k8s.io", *argv]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
