"""The session job on Spark: one SparkApplication, whose driver makes the executors."""

from typing import Any

from parking.documents import SessionJobDocument
from parking.fields import Resources
from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest, digest
from parking_operator.render.access import spark_driver_binding
from parking_operator.render.checkpoint import checkpoint_claim, checkpoint_of
from parking_operator.render.labels import DOCUMENT_HASH, IMAGE, SESSION_JOB, child, pod_labels, shared_name
from parking_operator.render.pods import DOCUMENT_PATH, PROBE_FLAG, PROBE_PORT, config_map
from parking_operator.render.spark_conf import spark_conf
from parking_operator.render.spark_pods import driver_template, executor_template
from parking_operator.site import Site

SPARK_APPLICATION = Kind("sparkoperator.k8s.io/v1beta2", "SparkApplication")
MAIN_FILE = "local:///opt/parking/jobs/session_job.py"
SPARK_VERSION = "4.0.4"


def spark_application(lot: ParkingLot, site: Site, document: SessionJobDocument) -> tuple[Manifest, ...]:
    """Render the application with its document, its rights and its storage."""
    name = shared_name(lot, SESSION_JOB)
    return (
        spark_driver_binding(lot, site),
        config_map(lot, SESSION_JOB, name, document),
        *checkpoint_claim(lot, site),
        child(lot, SPARK_APPLICATION, SESSION_JOB, name, {"spec": _spec(lot, site, name, digest(document.document()))}),
    )


def _spec(lot: ParkingLot, site: Site, name: str, document_hash: str) -> dict[str, Any]:
    sessions, claim = lot.spec.sessions, checkpoint_of(lot, site).claim
    return {
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
            **_process(lot, name, sessions.driver),
            "template": driver_template(config_map=name, claim=claim),
            # The Spark operator resubmits when the spec changes: a changed document has to change it. And a driver
            # tells by these what it was made from; its image itself may be another's choice, such as a mirror's.
            "annotations": {DOCUMENT_HASH: document_hash, IMAGE: site.images.jobs},
        },
        "executor": {
            **_process(lot, name, sessions.executors),
            "template": executor_template(claim=claim),
            "instances": sessions.executors.instances,
        },
    }


def _process(lot: ParkingLot, name: str, size: Resources) -> dict[str, Any]:
    """Give what driver and executors have in common. Spark itself sets the memory limit, and no CPU limit."""
    return {
        "cores": size.cores,
        **({"coreRequest": size.core_request} if size.core_request else {}),
        "memory": size.memory,
        "labels": pod_labels(lot, SESSION_JOB, name),
        "serviceAccount": name,
    }
