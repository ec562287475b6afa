"""Templates of Spark's driver and executor pods; Spark adds image, arguments, resources, work folders and labels.

All that a pod needs is said here and nothing of it beside the template: the Spark operator hands the template to
Spark, while what stands beside it comes true only through the operator's webhook, which not every cluster has.
"""

from typing import Any

from parking_operator.render.pods import (
    PORT_NAME,
    PROBE_PORT,
    TEMPORARY_PATH,
    checkpoint_mount,
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


def driver_template(*, config_map: str, claim: str | None) -> dict[str, Any]:
    """Give the template of the driver's pod. It is ready while batches are being committed."""
    container = {
        "name": DRIVER_CONTAINER,
        "ports": [{"name": PORT_NAME, "containerPort": PROBE_PORT}],
        **probes(),
        **_confined(),
        "volumeMounts": [document_mount(), *_writable(claim)],
    }
    shown = {"document": config_map}
    spec = pod_spec(container, config_maps=shown, claim=claim, stop_seconds=_DRIVER_STOP_SECONDS)
    # The account keeps its token to itself unless a pod asks for it: the driver makes pods, so it does.
    return {"spec": {**spec, "automountServiceAccountToken": True}}


def executor_template(*, claim: str | None) -> dict[str, Any]:
    """Give the template of the executors' pods. Whether they work is known to the driver, so there are no probes."""
    container = {"name": EXECUTOR_CONTAINER, **_confined(), "volumeMounts": _writable(claim)}
    return {"spec": pod_spec(container, config_maps={}, claim=claim, stop_seconds=_EXECUTOR_STOP_SECONDS)}


def _writable(claim: str | None) -> list[dict[str, Any]]:
    """Mount what is written to; executors keep the state, the driver offsets, and both in one folder."""
    return [temporary_mount(), *([checkpoint_mount()] if claim else [])]


def _confined() -> dict[str, Any]:
    """Keep a Spark container to its work. What it writes goes into its current folder, among others."""
    return {**confined(), "workingDir": TEMPORARY_PATH}
