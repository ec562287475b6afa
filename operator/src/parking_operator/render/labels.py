"""Names, labels and hashes that every child carries."""

from collections.abc import Mapping
from typing import Any

from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest, digest

TOPIC, SESSION_JOB, CAMERA, GATEWAY = "topic", "session-job", "camera", "gateway"
COMPONENTS = (TOPIC, GATEWAY, SESSION_JOB, CAMERA)

COMPONENT_LABEL = "app.kubernetes.io/component"
DOCUMENT_HASH = "parking.dev/document-hash"
"""On a pod template: the hash of the document it mounts, so that a change of the document restarts the pods."""
RENDERED_HASH = "parking.dev/rendered-hash"
"""On every child: the hash of all that was rendered, so that a field no longer rendered is noticed too."""


def component_of(manifest: Mapping[str, Any]) -> str:
    """Tell which component a child is part of."""
    component: str = manifest["metadata"]["labels"][COMPONENT_LABEL]
    return component


def selector(lot: ParkingLot, component: str) -> dict[str, str]:
    """Labels that pick a component's pods out of all others."""
    return {"app.kubernetes.io/instance": lot.name, COMPONENT_LABEL: component}


def labels(lot: ParkingLot, component: str) -> dict[str, str]:
    """Labels of a child."""
    common = {"app.kubernetes.io/name": f"parking-{component}", "app.kubernetes.io/part-of": "parking"}
    return {**common, "app.kubernetes.io/managed-by": "parking-operator", **selector(lot, component)}


def child(
    lot: ParkingLot,
    kind: Kind,
    component: str,
    name: str,
    body: Mapping[str, Any],
    *,
    extra_labels: Mapping[str, str] | None = None,
    namespace: str | None = None,
) -> Manifest:
    """Build a child object around its ``body`` (spec, data, …)."""
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": namespace or lot.metadata.namespace,
        "labels": {**labels(lot, component), **(extra_labels or {})},
    }
    manifest = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **body}
    metadata["annotations"] = {RENDERED_HASH: digest(manifest)}
    return manifest
