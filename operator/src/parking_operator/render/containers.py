"""Deployments of our own programs: one container that serves HTTP, with one mounted document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parking.documents import Document
from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest, digest
from parking_operator.render.labels import DOCUMENT_HASH, child, pod_labels, selector, shared_name
from parking_operator.render.pods import PORT_NAME, confined, document_mount, pod_spec, probes, temporary_mount
from parking_operator.site import Site

DEPLOYMENT = Kind("apps/v1", "Deployment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A program that serves HTTP on ``port`` (its probes at least) and reads ``document`` at DOCUMENT_PATH."""

    component: str
    name: str
    document: Document
    image: str
    command: tuple[str, ...]
    port: int
    replicas: int | None = 1
    """None: somebody else decides how many."""
    overlap: bool = True
    """Whether a new pod may start while the one it replaces still runs."""
    spread: bool = False
    """Whether its pods should be far from each other."""
    drain_seconds: int = 0
    """How long it goes on after nobody should come any more, because not everybody has heard of it yet."""
    stop_seconds: int
    """How long it may take to end when told to, at most."""
    cpu: str
    memory: str
    secret: str | None = None
    """Secret whose keys become the program's environment."""
    extra_labels: Mapping[str, str] = field(default_factory=dict)


def deployment(lot: ParkingLot, site: Site, workload: Workload) -> Manifest:
    """Run a program with the document from the ConfigMap of the same name."""
    matched = {**selector(lot, workload.component), **workload.extra_labels}
    spec = {
        **({} if workload.replicas is None else {"replicas": workload.replicas}),
        "strategy": {"type": "RollingUpdate" if workload.overlap else "Recreate"},
        "selector": {"matchLabels": matched},
        "template": {
            "metadata": {
                "labels": {**pod_labels(lot, workload.component, workload.name), **workload.extra_labels},
                "annotations": {DOCUMENT_HASH: digest(workload.document.document())},
            },
            "spec": {
                "serviceAccountName": shared_name(lot, workload.component),
                **pod_spec(
                    _container(site, workload),
                    config_maps={"document": workload.name},
                    stop_seconds=workload.drain_seconds + workload.stop_seconds,
                ),
                **({"topologySpreadConstraints": _spread_over(matched)} if workload.spread else {}),
            },
        },
    }
    return child(lot, DEPLOYMENT, workload.component, workload.name, {"spec": spec}, extra_labels=workload.extra_labels)


def _container(site: Site, workload: Workload) -> dict[str, Any]:
    return {
        "name": workload.component,
        "image": workload.image,
        "imagePullPolicy": site.images.pull_policy,
        "command": list(workload.command[:1]),
        "args": list(workload.command[1:]),
        "ports": [{"name": PORT_NAME, "containerPort": workload.port}],
        **probes(),
        **({"envFrom": [{"secretRef": {"name": workload.secret}}]} if workload.secret else {}),
        **({"lifecycle": _draining(workload.drain_seconds)} if workload.drain_seconds else {}),
        # No CPU limit: a process that is held back falls behind its topic although cores are idle. What others need
        # is kept for them by their requests.
        "resources": {
            "requests": {"cpu": workload.cpu, "memory": workload.memory},
            "limits": {"memory": workload.memory},
        },
        **confined(),
        "volumeMounts": [document_mount(), temporary_mount()],
    }


def _draining(seconds: int) -> dict[str, Any]:
    """Wait before the end. By Python, which is there anyway: Kubernetes' own ``sleep`` is not in every version."""
    return {"preStop": {"exec": {"command": ["python", "-c", f"import time; time.sleep({seconds})"]}}}


def _spread_over(matched: Mapping[str, str]) -> list[dict[str, Any]]:
    """Spread pods over zones and nodes as far as there are several."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(matched)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]
