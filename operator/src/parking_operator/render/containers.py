"""Pods of our own programs: one container, one mounted document, probes, and no rights it does not need."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parking.documents import Document
from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest, digest
from parking_operator.render.labels import DOCUMENT_HASH, child, labels, selector
from parking_operator.site import Site

CONFIG_MAP, DEPLOYMENT, SERVICE = Kind("v1", "ConfigMap"), Kind("apps/v1", "Deployment"), Kind("v1", "Service")

MOUNT_PATH = "/etc/parking"
DOCUMENT_FILE = "document.json"
DOCUMENT_PATH = f"{MOUNT_PATH}/{DOCUMENT_FILE}"
PROBE_FLAG, PROBE_PORT = "--probe-port", 8080
"""How a program is told where to answer probes, unless it serves HTTP anyway."""

POD_SECURITY: dict[str, Any] = {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER_SECURITY: dict[str, Any] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A program that serves HTTP on ``port`` (its probes at least) and reads ``document`` at DOCUMENT_PATH."""

    component: str
    name: str
    document: Document
    image: str
    command: tuple[str, ...]
    port: int
    replicas: int = 1
    overlap: bool = True
    """Whether a new pod may start while the one it replaces still runs."""
    cpu: str
    memory: str
    extra_labels: Mapping[str, str] = field(default_factory=dict)


def config_map(lot: ParkingLot, component: str, name: str, document: Document) -> Manifest:
    """Put a program's document into a ConfigMap: a line per field, so that people can read it and large lots fit."""
    fields = (f'  "{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in document.document().items())
    text = "{\n" + ",\n".join(fields) + "\n}\n"
    return child(lot, CONFIG_MAP, component, name, {"data": {DOCUMENT_FILE: text}})


def deployment(lot: ParkingLot, site: Site, workload: Workload) -> Manifest:
    """Run a program with the document from the ConfigMap of the same name."""
    pod_labels = {**labels(lot, workload.component), **workload.extra_labels}
    template = {
        "metadata": {"labels": pod_labels, "annotations": {DOCUMENT_HASH: digest(workload.document.document())}},
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": POD_SECURITY,
            "containers": [_container(site, workload)],
            "volumes": [{"name": "document", "configMap": {"name": workload.name}}, {"name": "tmp", "emptyDir": {}}],
        },
    }
    matched = {**selector(lot, workload.component), **workload.extra_labels}
    spec = {
        "replicas": workload.replicas,
        "strategy": {"type": "RollingUpdate" if workload.overlap else "Recreate"},
        "selector": {"matchLabels": matched},
        "template": template,
    }
    return child(lot, DEPLOYMENT, workload.component, workload.name, {"spec": spec}, extra_labels=workload.extra_labels)


def _container(site: Site, workload: Workload) -> dict[str, Any]:
    return {
        "name": workload.component,
        "image": workload.image,
        "imagePullPolicy": site.images.pull_policy,
        "command": list(workload.command[:1]),
        "args": list(workload.command[1:]),
        "ports": [{"name": "http", "containerPort": workload.port}],
        **_probes(),
        "resources": {
            "requests": {"cpu": workload.cpu, "memory": workload.memory},
            "limits": {"memory": workload.memory},
        },
        "securityContext": {**CONTAINER_SECURITY, "readOnlyRootFilesystem": True},
        "volumeMounts": [
            {"name": "document", "mountPath": MOUNT_PATH, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of the pod's own
        ],
    }


def _probes() -> dict[str, Any]:
    """A slow start is no reason to be killed, a hang is; readiness decides about traffic only."""
    alive = {"httpGet": {"path": "/healthz", "port": "http"}}
    return {
        "startupProbe": {**alive, "periodSeconds": 2, "failureThreshold": 60},
        "livenessProbe": {**alive, "periodSeconds": 10, "timeoutSeconds": 5},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 3, "timeoutSeconds": 3},
    }
