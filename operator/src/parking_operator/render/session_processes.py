"""The session job on the embedded engine: processes of our own, which share the partitions among them.

Each is a Deployment, because each needs a name that survives its pod: under this name its consumer group and its
transactions know it again, so that a quick restart moves no partition. One process more or fewer touches no other.
"""

from parking.documents import SessionJobDocument
from parking.lot import ParkingLot
from parking_operator.objects import Manifest
from parking_operator.render.containers import Workload, deployment
from parking_operator.render.labels import SESSION_JOB
from parking_operator.render.pods import DOCUMENT_PATH, PROBE_FLAG, PROBE_PORT, config_map
from parking_operator.site import Site

PROCESS_LABEL = "parking.dev/session-process"
INSTANCE_FLAG = "--instance"
"""How a process is told its name."""


def session_processes(lot: ParkingLot, site: Site, document: SessionJobDocument) -> tuple[Manifest, ...]:
    """Render the processes, each with the same document."""
    workloads = (_workload(lot, site, document, number) for number in range(1, lot.spec.sessions.processes + 1))
    return tuple(
        manifest
        for workload in workloads
        for manifest in (config_map(lot, SESSION_JOB, workload.name, document), deployment(lot, site, workload))
    )


def _workload(lot: ParkingLot, site: Site, document: SessionJobDocument, number: int) -> Workload:
    name = f"{lot.name}-sessions-{number}"
    job = ("python", "-m", "parking_jobs.sessions", "--config", DOCUMENT_PATH, PROBE_FLAG, str(PROBE_PORT))
    return Workload(
        component=SESSION_JOB,
        name=name,
        document=document,
        image=site.images.jobs,
        command=(*job, INSTANCE_FLAG, name),
        port=PROBE_PORT,
        overlap=False,  # of two processes of one name Kafka shuts one out
        stop_seconds=30,  # its last transaction may have to wait for the broker
        cpu="100m",
        memory="512Mi",
        extra_labels={PROCESS_LABEL: str(number)},
    )
