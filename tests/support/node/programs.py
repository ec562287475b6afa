"""The programs of the node: started on their own, found again by their written-down process ids, and ended."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from parking_local.process_id import ProcessId, end_all
from tests.support.cluster.binaries import program
from tests.support.cluster.child import StartError
from tests.support.node.place import ADDRESS, API_PORT, NODE, SERVICES, Place

Argv = list[str]


def start(place: Place, name: str, argv: Argv) -> None:
    """Start a program in a session of its own, with its log and its process id in the cluster's state."""
    log = place.state / "log" / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=place.state, start_new_session=True
        )
    ids = _read_ids(place) | {name: ProcessId.of(process.pid)}
    text = json.dumps({key: [known.pid, known.created] for key, known in ids.items()})
    (place.state / "processes.json").write_text(text)


def running(place: Place) -> set[str]:
    """Name the programs that run."""
    return {name for name, known in _read_ids(place).items() if known.find()}


def stop(place: Place, *names: str, timeout: float = 20) -> None:
    """End programs in the given order."""
    ids = _read_ids(place)
    for name in names:
        if name in ids:
            end_all([ids[name]], timeout)


def wait_for(place: Place, name: str, ready: Callable[[], bool], *, timeout: float = 60) -> None:
    """Wait until a program is ready; raises StartError with the end of its log."""
    deadline = time.monotonic() + timeout
    while not ready():
        if name not in running(place) or time.monotonic() > deadline:
            log = (place.state / "log" / f"{name}.log").read_text(errors="replace")
            raise StartError(f"{name} is not ready after {timeout:.0f} s or has ended:\n{log[-3_000:]}")
        time.sleep(0.1)


def containerd(place: Place) -> Argv:
    """Give the command that runs containers."""
    return ["containerd", "--config", str(place.state / "containerd.toml")]


def etcd(place: Place) -> Argv:
    """Give the command of the store. A power cut may lose what it has, which tests can bear."""
    clients, peers = (f"http://127.0.0.1:{port}" for port in _etcd_ports(place))
    return [
        *(str(program("etcd")), "--unsafe-no-fsync", f"--data-dir={place.state / 'etcd'}", "--log-level=warn"),
        *(f"--listen-client-urls={clients}", f"--advertise-client-urls={clients}", f"--listen-peer-urls={peers}"),
        *(f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=default={peers}"),
    ]


def api_server(place: Place) -> Argv:
    """Give the command of the API server."""
    pki = place.state / "pki"
    return [
        *(str(program("kube-apiserver")), f"--etcd-servers=http://127.0.0.1:{_etcd_ports(place)[0]}"),
        *(f"--bind-address={ADDRESS}", f"--advertise-address={ADDRESS}", f"--secure-port={API_PORT}"),
        *(f"--service-cluster-ip-range={SERVICES}", "--allow-privileged", "--shutdown-delay-duration=0s"),
        *("--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"),
        *(f"--client-ca-file={pki / 'ca.crt'}", "--kubelet-preferred-address-types=InternalIP"),
        *(f"--tls-cert-file={pki / 'apiserver.crt'}", f"--tls-private-key-file={pki / 'apiserver.key'}"),
        *(
            f"--kubelet-certificate-authority={pki / 'ca.crt'}",
            f"--kubelet-client-certificate={pki / 'kubelet-client.crt'}",
            f"--kubelet-client-key={pki / 'kubelet-client.key'}",
        ),
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki / 'accounts.pub'}",
        f"--service-account-signing-key-file={pki / 'accounts.key'}",
    ]


def others(place: Place) -> Mapping[str, Argv]:
    """Give the commands that need an API server, by name, in the order in which they are started."""
    state, pki = place.state, place.state / "pki"
    return {
        "kube-controller-manager": [
            *(str(program("kube-controller-manager")), f"--kubeconfig={state / 'manager.conf'}"),
            *("--leader-elect=false", "--bind-address=127.0.0.1", "--use-service-account-credentials"),
            f"--service-account-private-key-file={pki / 'accounts.key'}",
            f"--root-ca-file={pki / 'ca.crt'}",
        ],
        "kube-scheduler": [
            *(str(program("kube-scheduler")), f"--kubeconfig={state / 'scheduler.conf'}"),
            *("--leader-elect=false", "--bind-address=127.0.0.1"),
        ],
        "kubelet": [
            *(str(program("kubelet")), f"--config={state / 'kubelet.yaml'}", f"--kubeconfig={state / 'kubelet.conf'}"),
            *(f"--root-dir={state / 'kubelet'}", f"--hostname-override={NODE}", f"--node-ip={ADDRESS}"),
        ],
        "kube-proxy": [str(program("kube-proxy")), f"--config={state / 'proxy.yaml'}"],
        "coredns": [str(program("coredns")), "-conf", str(state / "Corefile")],
    }


def _etcd_ports(place: Place) -> list[str]:
    return (place.state / "etcd-ports").read_text().split()


def _read_ids(place: Place) -> dict[str, ProcessId]:
    path: Path = place.state / "processes.json"
    told = json.loads(path.read_text()) if path.exists() else {}
    return {name: ProcessId(pid, created) for name, (pid, created) in told.items()}
