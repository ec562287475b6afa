"""The session job on Spark: one SparkApplication."""

from typing import Any

from parking.documents import SessionJobDocument
from parking.lot import ParkingLot, Resources
from parking_operator.objects import Kind, Manifest, digest
from parking_operator.render.containers import (
    CONTAINER_SECURITY,
    DOCUMENT_PATH,
    MOUNT_PATH,
    POD_SECURITY,
    PROBE_FLAG,
    PROBE_PORT,
    config_map,
)
from parking_operator.render.labels import DOCUMENT_HASH, SESSION_JOB, child, labels
from parking_operator.render.spark_conf import spark_conf
from parking_operator.site import Site

SPARK_APPLICATION = Kind("sparkoperator.k8s.io/v1beta2", "SparkApplication")
MAIN_FILE = "local:///opt/parking/jobs/session_job.py"
SPARK_VERSION = "4.0.4"


def spark_application(lot: ParkingLot, site: Site, document: SessionJobDocument) -> tuple[Manifest, ...]:
    """Render the application with its document."""
    name = f"{lot.name}-sessions"
    sessions = lot.spec.sessions
    spec = {
        "type": "Python",
        "pythonVersion": "3",
        "mode": "cluster",
        "sparkVersion": SPARK_VERSION,
        "image": site.images.jobs,
        "imagePullPolicy": site.images.pull_policy,
        "mainApplicationFile": MAIN_FILE,
        "arguments": ["--config", DOCUMENT_PATH, PROBE_FLAG, str(PROBE_PORT)],
        "sparkConf": spark_conf(sessions.driver),
        "restartPolicy": {"type": "Always", "onFailureRetryInterval": 10, "onSubmissionFailureRetryInterval": 20},
        "driver": {
            **_pod(lot, sessions.driver),
            "serviceAccount": site.spark_service_account,
            "configMaps": [{"name": name, "path": MOUNT_PATH}],
            # The Spark operator resubmits when the spec changes: a changed document has to change it.
            "annotations": {DOCUMENT_HASH: digest(document.document())},
        },
        "executor": {**_pod(lot, sessions.executors), "instances": sessions.executors.instances},
    }
    return (
        config_map(lot, SESSION_JOB, name, document),
        child(lot, SPARK_APPLICATION, SESSION_JOB, name, {"spec": spec}),
    )


def _pod(lot: ParkingLot, size: Resources) -> dict[str, Any]:
    return {
        "cores": size.cores,
        "memory": size.memory,
        "labels": labels(lot, SESSION_JOB),
        "podSecurityContext": POD_SECURITY,
        "securityContext": CONTAINER_SECURITY,
    }
