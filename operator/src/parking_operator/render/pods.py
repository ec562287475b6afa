"""What all pods have in common: the document they mount, probes, and no rights that they do not need.

Every pod passes the restricted Pod Security level.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parking.documents import Document
from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest
from parking_operator.render.labels import child

CONFIG_MAP = Kind("v1", "ConfigMap")

MOUNT_PATH = "/etc/parking"
DOCUMENT_FILE = "document.json"
DOCUMENT_PATH = f"{MOUNT_PATH}/{DOCUMENT_FILE}"
TEMPORARY_PATH = "/tmp"  # noqa: S108 - a volume of the pod's own
PROBE_FLAG, PROBE_PORT = "--probe-port", 8080
"""How a program is told where to answer probes, unless it serves HTTP anyway."""
PORT_NAME = "http"

_USER = 10001


@dataclass(frozen=True, slots=True)
class Volume:
    """A claim that a pod mounts at ``path``."""

    name: str
    claim: str
    path: str

    def mount(self) -> dict[str, Any]:
        """Mount it, to be written to."""
        return {"name": self.name, "mountPath": self.path}


def config_map(lot: ParkingLot, component: str, name: str, document: Document) -> Manifest:
    """Put a program's document into a ConfigMap: a line per field, so that people can read it and large lots fit."""
    fields = (f'  "{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in document.document().items())
    text = "{\n" + ",\n".join(fields) + "\n}\n"
    return child(lot, CONFIG_MAP, component, name, {"data": {DOCUMENT_FILE: text}})


def pod_spec(
    container: Mapping[str, Any], *, config_maps: Mapping[str, str], volumes: tuple[Volume, ...] = (), stop_seconds: int
) -> dict[str, Any]:
    """Give the spec of a pod of one container.

    ``config_maps`` gives for each volume the ConfigMap that it shows, ``volumes`` what else is mounted, and
    ``stop_seconds`` how long the program may take to end before it is killed.
    """
    shown = [{"name": volume, "configMap": {"name": name}} for volume, name in config_maps.items()]
    claimed = [{"name": one.name, "persistentVolumeClaim": {"claimName": one.claim}} for one in volumes]
    return {
        "automountServiceAccountToken": False,
        # They would bring a variable for every Service of the namespace, some by names that programs read.
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,  # what volumes are made writable for, where their storage has it
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": stop_seconds,
        "containers": [container],
        "volumes": [*shown, {"name": "tmp", "emptyDir": {}}, *claimed],
    }


def confined() -> dict[str, Any]:
    """Give the part of a container that keeps it from doing anything but its work."""
    return {
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        # What a program last wrote before it failed is then part of the pod's status, and of the lot's conditions.
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def probes() -> dict[str, Any]:
    """A slow start is no reason to be killed, a hang is; readiness decides about traffic only."""
    alive = {"httpGet": {"path": "/healthz", "port": PORT_NAME}}
    ready = {"httpGet": {"path": "/readyz", "port": PORT_NAME}}
    return {
        "startupProbe": {**alive, "periodSeconds": 2, "failureThreshold": 60},
        "livenessProbe": {**alive, "periodSeconds": 10, "timeoutSeconds": 5},
        "readinessProbe": {**ready, "periodSeconds": 3, "timeoutSeconds": 3},
    }


def temporary_mount() -> dict[str, Any]:
    """Mount the folder that may be written to."""
    return {"name": "tmp", "mountPath": TEMPORARY_PATH}


def document_mount() -> dict[str, Any]:
    """Mount the program's document."""
    return {"name": "document", "mountPath": MOUNT_PATH, "readOnly": True}
