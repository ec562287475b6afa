"""What a cluster of one node changes on the machine: an address, forwarding, rules, mounts. And how it goes again."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.node.place import ADDRESS, BRIDGE, Place

_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_CGROUPS = Path("/sys/fs/cgroup")
_OURS = re.compile("CNI-|KUBE-")
_TOOLS = {
    "containerd": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "mount": "mount",
}
_PLUGINS = Path("/usr/lib/cni/bridge")


def missing() -> str:
    """Say what this machine lacks for a cluster of its own; empty when it has everything."""
    if os.geteuid() != 0:
        return "a cluster of our own takes root, for containers and their network"
    packages = [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]
    packages += [] if _PLUGINS.exists() else ["containernetworking-plugins"]
    return f"install: {' '.join(packages)}" if packages else ""


def prepare(place: Place) -> None:
    """Give the node its address and let packets pass; what was before is written down."""
    note = place.state / "ip_forward"
    if not note.exists():
        note.write_text(_FORWARDING.read_text())
    _FORWARDING.write_text("1")
    _run("ip", "address", "replace", f"{ADDRESS}/32", "dev", "lo")


def restore(place: Place) -> None:
    """Undo what the cluster changed on this machine. Nothing of it may run any more."""
    _unmount(place)
    for name in _network_namespaces():
        _run("ip", "netns", "delete", name, check=False)
    _run("ip", "link", "delete", BRIDGE, check=False)
    _run("ip", "address", "delete", f"{ADDRESS}/32", "dev", "lo", check=False)
    for family in ("iptables", "ip6tables"):
        _remove_rules(family)
    _remove_cgroups()
    note = place.state / "ip_forward"
    if note.exists():
        _FORWARDING.write_text(note.read_text())
    shutil.rmtree(place.run, ignore_errors=True)


def traces(place: Place) -> list[str]:
    """Name what of a cluster is on this machine now."""
    found = [f"mount {mount}" for mount in _mounts(place)]
    found += [f"network namespace {name}" for name in _network_namespaces()]
    links, addresses = (_run("ip", "-brief", what) for what in ("link", "address"))
    found += [f"interface {BRIDGE}"] if BRIDGE in links else []
    found += [f"address {ADDRESS}"] if ADDRESS in addresses else []
    for family in ("iptables", "ip6tables"):
        found += [f"{family} {line}" for line in _run(f"{family}-save").splitlines() if _OURS.search(line)]
    found += [f"cgroup {folder}" for folder in _pod_cgroups()]
    found += [f"process {pid}" for pid in _shims(place)]
    return found


def kill_pods(place: Place) -> None:
    """End every process of every pod of ours, at once."""
    for pid in list(_shims(place)):
        with suppress(psutil.NoSuchProcess):
            shim = psutil.Process(pid)
            for processes in (shim.children(recursive=True), [shim]):  # it has to clear away what ends below it
                for process in processes:
                    with suppress(psutil.NoSuchProcess):
                        process.kill()
                psutil.wait_procs(processes, timeout=5)


def taken() -> str:
    """Say whether another Kubernetes has this machine already; empty when none has."""
    for top in _pod_cgroups():
        if any((Path(folder) / "cgroup.procs").read_text() for folder, _, _ in os.walk(top)):
            return "another Kubernetes runs pods on this machine"
    return ""


def _pod_cgroups() -> list[Path]:
    """Give the kubelet's part of each hierarchy of control groups: version 1 has several, version 2 one."""
    return [*_CGROUPS.glob("*/kubepods"), *_CGROUPS.glob("kubepods")]


def _shims(place: Place) -> Iterator[int]:
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            told = line.read_bytes()
            if b"containerd-shim" in told and bytes(place.socket) in told:
                yield int(line.parent.name)


def _mounts(place: Place) -> list[str]:
    lines = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [mount for mount in lines if mount.startswith((str(place.run), str(place.root)))]


def _unmount(place: Place) -> None:
    for mount in reversed(_mounts(place)):
        _run("umount", "--lazy", mount, check=False)


def _network_namespaces() -> list[str]:
    return re.findall(r"^(cni-\S+)", _run("ip", "netns", "list"), re.MULTILINE)


def _remove_rules(family: str) -> None:
    """Take the rules of pods and Services out, leaving all others as they are."""
    before = _run(f"{family}-save", check=False)
    if _OURS.search(before):
        left = "".join(line for line in before.splitlines(keepends=True) if not _OURS.search(line))
        subprocess.run([f"{family}-restore"], input=left, text=True, check=True)


def _remove_cgroups() -> None:
    for top in _pod_cgroups():
        for folder, _, _ in os.walk(top, topdown=False):
            with suppress(OSError):
                Path(folder).rmdir()


def _run(*argv: str, check: bool = True) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=check).stdout
