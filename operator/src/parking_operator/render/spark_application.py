"""A job on Spark: one SparkApplication, whose driver makes the executors."""

from dataclasses import dataclass, field
from typing import Any

from parking.documents import Document
from parking.fields import Executors, Resources
from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest, digest
from parking_operator.render.access import spark_driver_binding
from parking_operator.render.labels import DOCUMENT_HASH, IMAGE, OBJECT_STORAGE, child, pod_labels, shared_name
from parking_operator.render.pods import DOCUMENT_PATH, PROBE_FLAG, PROBE_PORT, config_map
from parking_operator.render.spark_conf import spark_conf
from parking_operator.render.spark_pods import Storage, driver_template, executor_template
from parking_operator.site import Site

SPARK_APPLICATION = Kind("sparkoperator.k8s.io/v1beta2", "SparkApplication")
SCHEDULED_SPARK_APPLICATION = Kind("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication")
MAIN_FILE = "local:///opt/parking/jobs/session_job.py"
SPARK_VERSION = "4.0.4"
_RESTARTED = {"type": "Always", "onFailureRetryInterval": 10, "onSubmissionFailureRetryInterval": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkJob:
    """A program on Spark that reads ``document`` at DOCUMENT_PATH."""

    component: str
    document: Document
    main_file: str
    arguments: tuple[str, ...] = ()
    driver: Resources
    executors: Executors
    storage: Storage = field(default_factory=Storage)
    object_storage: bool = False
    """Whether it works on tables in object storage."""


def spark_application(lot: ParkingLot, site: Site, job: SparkJob) -> tuple[Manifest, ...]:
    """Render a job that always runs, with its document and its rights."""
    spec = _spec(lot, site, job, _RESTARTED, probed=True)
    return (*_beside(lot, site, job), _child(lot, SPARK_APPLICATION, job, spec))


def scheduled_application(lot: ParkingLot, site: Site, job: SparkJob, schedule: str) -> tuple[Manifest, ...]:
    """Render a job that runs at times (cron, UTC), never twice at once, with its document and its rights."""
    spec = {
        "schedule": schedule,
        "timeZone": "UTC",
        "concurrencyPolicy": "Forbid",
        "successfulRunHistoryLimit": 1,
        "failedRunHistoryLimit": 1,
        "template": _spec(lot, site, job, {"type": "Never"}, probed=False),
    }
    return (*_beside(lot, site, job), _child(lot, SCHEDULED_SPARK_APPLICATION, job, spec))


def _beside(lot: ParkingLot, site: Site, job: SparkJob) -> tuple[Manifest, ...]:
    name = shared_name(lot, job.component)
    return spark_driver_binding(lot, site, job.component), config_map(lot, job.component, name, job.document)


def _child(lot: ParkingLot, kind: Kind, job: SparkJob, spec: dict[str, Any]) -> Manifest:
    return child(lot, kind, job.component, shared_name(lot, job.component), {"spec": spec})


def _spec(lot: ParkingLot, site: Site, job: SparkJob, restart: dict[str, Any], *, probed: bool) -> dict[str, Any]:
    name = shared_name(lot, job.component)
    probe = (PROBE_FLAG, str(PROBE_PORT)) if probed else ()
    return {
        "type": "Python",
        "pythonVersion": "3",
        "mode": "cluster",
        "sparkVersion": SPARK_VERSION,
        "image": site.images.jobs,
        "imagePullPolicy": site.images.pull_policy,
        "mainApplicationFile": job.main_file,
        "arguments": [*job.arguments, "--config", DOCUMENT_PATH, *probe],
        "sparkConf": spark_conf(job.driver),
        "restartPolicy": restart,
        "driver": {
            **_process(lot, job, job.driver),
            "template": driver_template(config_map=name, storage=job.storage, probed=probed),
            # The Spark operator resubmits when the spec changes: a changed document has to change it. And a driver
            # tells by these what it was made from; its image itself may be another's choice, such as a mirror's.
            "annotations": {
                DOCUMENT_HASH: digest(job.document.document()),
                IMAGE: site.images.jobs,
                **({OBJECT_STORAGE: "true"} if job.object_storage else {}),
            },
        },
        "executor": {
            **_process(lot, job, job.executors),
            "template": executor_template(storage=job.storage),
            "instances": job.executors.instances,
        },
    }


def _process(lot: ParkingLot, job: SparkJob, size: Resources) -> dict[str, Any]:
    """Give what driver and executors have in common. Spark itself sets the memory limit, and no CPU limit."""
    name = shared_name(lot, job.component)
    return {
        "cores": size.cores,
        **({"coreRequest": size.core_request} if size.core_request else {}),
        "memory": size.memory,
        "labels": pod_labels(lot, job.component, name),
        "serviceAccount": name,
    }
