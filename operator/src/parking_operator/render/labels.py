"""Names, labels and hashes that every child carries."""

from collections.abc import Mapping
from typing import Any

from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest, digest

TOPIC, SESSION_JOB, CAMERA, GATEWAY = "topic", "session-job", "camera", "gateway"
LAKE, UPKEEP, ROAD = "lake", "upkeep", "road"
COMPONENTS = (TOPIC, GATEWAY, SESSION_JOB, LAKE, UPKEEP, CAMERA, ROAD)
_PLURALS = {
    GATEWAY: "gateway",
    SESSION_JOB: "sessions",
    CAMERA: "cameras",
    LAKE: "lake",
    UPKEEP: "upkeep",
    ROAD: "road",
}

LOT_LABEL, COMPONENT_LABEL = "app.kubernetes.io/instance", "app.kubernetes.io/component"
LOT_NAMESPACE_LABEL = "parking.dev/lot-namespace"
"""With LOT_LABEL: the lot that a child belongs to, for children that live in another namespace."""
WORKLOAD_LABEL = "parking.dev/workload"
"""On a pod: the Deployment or SparkApplication that it belongs to."""
DOCUMENT_HASH = "parking.dev/document-hash"
"""On a pod template: the hash of the document it mounts, so that a change of the document restarts the pods."""
OBJECT_STORAGE = "parking.dev/object-storage"
"""On a Spark driver: that its tables are in object storage, for which Spark needs further jars."""
IMAGE = "parking.dev/image"
"""On a Spark driver: the image that it was to run."""
RENDERED_HASH = "parking.dev/rendered-hash"
"""On every child: the hash of all that was rendered, so that a field no longer rendered is noticed too."""


def component_of(manifest: Mapping[str, Any]) -> str:
    """Tell which component a child is part of."""
    component: str = manifest["metadata"]["labels"][COMPONENT_LABEL]
    return component


def owner_of(manifest: Mapping[str, Any]) -> tuple[str, str] | None:
    """Give namespace and name of the lot that an object belongs to; None for one that belongs to none.

    The runs of a ScheduledSparkApplication bear its labels, and are its own business.
    """
    owners = {owner["kind"] for owner in manifest["metadata"].get("ownerReferences", ())}
    if "ScheduledSparkApplication" in owners:
        return None
    found = manifest["metadata"].get("labels", {})
    lot, namespace = found.get(LOT_LABEL), found.get(LOT_NAMESPACE_LABEL)
    return (namespace, lot) if lot and namespace else None


def shared_name(lot: ParkingLot, component: str) -> str:
    """Name what a component has once for all its pods."""
    return f"{lot.name}-{_PLURALS[component]}"


def selector(lot: ParkingLot, component: str) -> dict[str, str]:
    """Labels that pick a component's pods out of all others."""
    return {LOT_LABEL: lot.name, COMPONENT_LABEL: component}


def labels(lot: ParkingLot, component: str) -> dict[str, str]:
    """Labels of a child."""
    common = {"app.kubernetes.io/name": f"parking-{component}", "app.kubernetes.io/part-of": "parking"}
    ours = {"app.kubernetes.io/managed-by": "parking-operator", LOT_NAMESPACE_LABEL: lot.metadata.namespace}
    return {**common, **ours, **selector(lot, component)}


def pod_labels(lot: ParkingLot, component: str, workload: str) -> dict[str, str]:
    """Labels of a workload's pods."""
    return {**labels(lot, component), WORKLOAD_LABEL: workload}


def child(
    lot: ParkingLot,
    kind: Kind,
    component: str,
    name: str,
    body: Mapping[str, Any],
    *,
    extra_labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    namespace: str | None = None,
) -> Manifest:
    """Build a child object around its ``body`` (spec, data, …)."""
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": namespace or lot.metadata.namespace,
        "labels": {**labels(lot, component), **(extra_labels or {})},
        **_owned_by(lot, component),
    }
    metadata["annotations"] = dict(annotations or {})
    manifest = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **body}
    metadata["annotations"][RENDERED_HASH] = digest(manifest)
    return manifest


def _owned_by(lot: ParkingLot, component: str) -> dict[str, Any]:
    """Let a child go with its lot even when no operator runs.

    Topics are left out: whatever the lot's deletionPolicy says, their records would go too. All other children are in
    the lot's own namespace, as an owner has to be.
    """
    if lot.metadata.uid is None or component == TOPIC:
        return {}
    owner = {"apiVersion": lot.api_version, "kind": lot.kind, "name": lot.name, "uid": lot.metadata.uid}
    return {"ownerReferences": [{**owner, "controller": True, "blockOwnerDeletion": True}]}
