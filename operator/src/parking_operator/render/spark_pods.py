"""Templates of Spark's driver and executor pods; Spark adds image, arguments, resources, work folders and labels.

All that a pod needs is said here and nothing of it beside the template: the Spark operator hands the template to
Spark, while what stands beside it comes true only through the operator's webhook, which not every cluster has.
"""

from dataclasses import dataclass
from typing import Any

from parking_operator.render.pods import (
    PORT_NAME,
    PROBE_PORT,
    TEMPORARY_PATH,
    Volume,
    confined,
    document_mount,
    pod_spec,
    probes,
    temporary_mount,
)

DRIVER_CONTAINER, EXECUTOR_CONTAINER = "spark-kubernetes-driver", "spark-kubernetes-executor"
"""Names by which the Spark operator has Spark find its container in a template."""
_DRIVER_STOP_SECONDS = 60
"""The running batch may take 20 s to commit; then executors and JVM end."""
_EXECUTOR_STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Storage:
    """How driver and executors reach what they keep: volumes, and the Secret and region for object storage."""

    volumes: tuple[Volume, ...] = ()
    secret: str | None = None
    region: str | None = None

    def environment(self) -> dict[str, Any]:
        """Give the part of a container that lets it into object storage."""
        found: dict[str, Any] = {"envFrom": [{"secretRef": {"name": self.secret}}]} if self.secret else {}
        return found | ({"env": [{"name": "AWS_REGION", "value": self.region}]} if self.region else {})


def driver_template(*, config_map: str, storage: Storage, probed: bool = True) -> dict[str, Any]:
    """Give the template of the driver's pod. One that is ``probed`` is ready while batches are being committed."""
    container = {
        "name": DRIVER_CONTAINER,
        **({"ports": [{"name": PORT_NAME, "containerPort": PROBE_PORT}], **probes()} if probed else {}),
        **_confined(),
        **storage.environment(),
        "volumeMounts": [document_mount(), *_writable(storage)],
    }
    shown = {"document": config_map}
    spec = pod_spec(container, config_maps=shown, volumes=storage.volumes, stop_seconds=_DRIVER_STOP_SECONDS)
    # The account keeps its token to itself unless a pod asks for it: the driver makes pods, so it does.
    return {"spec": {**spec, "automountServiceAccountToken": True}}


def executor_template(*, storage: Storage) -> dict[str, Any]:
    """Give the template of the executors' pods. Whether they work is known to the driver, so there are no probes."""
    mounts = _writable(storage)
    container = {"name": EXECUTOR_CONTAINER, **_confined(), **storage.environment(), "volumeMounts": mounts}
    return {"spec": pod_spec(container, config_maps={}, volumes=storage.volumes, stop_seconds=_EXECUTOR_STOP_SECONDS)}


def _writable(storage: Storage) -> list[dict[str, Any]]:
    """Mount what is written to, by driver and executors alike."""
    return [temporary_mount(), *(volume.mount() for volume in storage.volumes)]


def _confined() -> dict[str, Any]:
    """Keep a Spark container to its work. What it writes goes into its current folder, among others."""
    return {**confined(), "workingDir": TEMPORARY_PATH}
