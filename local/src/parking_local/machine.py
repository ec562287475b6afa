"""This machine as a world: topics on a real broker, workloads as child processes, documents as files."""

import json
import shutil
from pathlib import Path
from typing import Any

from parking.lot import ParkingLot
from parking_local import readiness, workloads
from parking_local.lot_folder import LotFolder, write_whole
from parking_local.ports import free_port
from parking_local.processes import Program, Supervisor
from parking_operator.broker_topics import BrokerTopics
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.render.labels import COMPONENTS, component_of
from parking_operator.status import LotStatus
from parking_operator.topic_admin import TopicAdmin
from parking_operator.world import Child, Observation, WorldError

WITHOUT_LOCAL_MEANING = (
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "Ingress",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "RoleBinding",
    "Service",
    "ServiceAccount",
)
"""Kinds that say how pods are reached, guarded or multiplied: on one machine there is nothing to do for them."""

_WORKLOADS = {
    "Deployment": workloads.of_deployment,
    "SparkApplication": workloads.of_spark_application,
    "ScheduledSparkApplication": workloads.of_scheduled_application,
}


class MachineWorld:
    """The world of one lot on this machine. What it was given is remembered for as long as it lives."""

    def __init__(self, folder: LotFolder, supervisor: Supervisor, topics: TopicAdmin) -> None:
        self._folder = folder
        self._supervisor = supervisor
        self._topics = BrokerTopics(topics)
        self._given: dict[Ref, Manifest] = {}
        self._programs: dict[Ref, Program] = {}
        self._probe_ports: dict[Ref, int] = {}
        self._were_ready: set[Ref] = set()
        self._status: LotStatus | None = None

    def observe(self, lot: ParkingLot) -> Observation:  # noqa: ARG002 - this world has one lot only
        """Tell what there is of the lot."""
        children = self._observed_topics()
        for ref, manifest in self._given.items():
            if ref.kind in _WORKLOADS:
                children[ref] = self._observed_program(ref, manifest)
            elif ref.kind != "KafkaTopic":
                children[ref] = Child(manifest)
        return Observation(children, self._status)

    def apply(self, manifest: Manifest) -> None:
        """Bring a topic, a document or a program into being."""
        ref = ref_of(manifest)
        if ref.kind == "KafkaTopic":
            self._topics.apply(manifest)
        elif ref.kind == "ConfigMap":
            for name, text in manifest["data"].items():
                write_whole(self._config(ref.name) / name, text)
        elif ref.kind in _WORKLOADS:
            self._run(ref, manifest)
        elif ref.kind not in WITHOUT_LOCAL_MEANING:
            raise WorldError(f"kind {ref.kind} is not known on one machine")
        self._given[ref] = manifest

    def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
        """End a program, delete a topic, or drop a document."""
        if ref.kind == "KafkaTopic" and not keep_data:
            self._topics.delete(self._given[ref])
        elif ref.kind == "ConfigMap":
            shutil.rmtree(self._config(ref.name), ignore_errors=True)
        elif ref in self._programs:
            self._supervisor.end([self._programs.pop(ref).name])
            self._were_ready.discard(ref)
        self._given.pop(ref, None)

    def report(self, lot: ParkingLot, status: LotStatus) -> None:  # noqa: ARG002 - this world has one lot only
        """Write the status where ``parking status`` reads it."""
        self._status = status
        write_whole(self._folder.status, json.dumps(status.document(), indent=2))

    def stop(self) -> None:
        """End all programs: cameras first, so that the job sees their last events, and the gateway last."""
        for component in reversed(COMPONENTS):
            self._supervisor.end(
                program.name for ref, program in self._programs.items() if component_of(self._given[ref]) == component
            )

    def _config(self, name: str) -> Path:
        return self._folder.config / name

    def _run(self, ref: Ref, manifest: Manifest) -> None:
        port = self._probe_ports.setdefault(ref, free_port())
        program = _WORKLOADS[ref.kind](manifest, self._config, port)
        if self._programs.get(ref) != program:
            self._were_ready.discard(ref)
        self._supervisor.ensure(program)
        self._programs[ref] = program

    def _observed_topics(self) -> dict[Ref, Child]:
        return self._topics.observe(manifest for ref, manifest in self._given.items() if ref.kind == "KafkaTopic")

    def _observed_program(self, ref: Ref, manifest: Manifest) -> Child:
        """What Kubernetes would say of a workload whose one pod is this program."""
        program = self._programs[ref]
        running = self._supervisor.is_running(program.name) and program.probe_url
        told = readiness.ask(program.probe_url or "") if running else readiness.Readiness(ready=False)
        if told.ready:
            self._were_ready.add(ref)
        # What a program says while it starts is no complaint; what it says later is.
        complaint = told.reason if ref in self._were_ready else ""
        error = "" if told.ready else self._supervisor.error(program.name) or complaint
        status = _STATUS[ref.kind](told)
        return Child({**manifest, "status": status}, error)


def _deployment_status(told: readiness.Readiness) -> dict[str, Any]:
    available = {"type": "Available", "status": str(told.ready), "message": told.reason}
    return {"readyReplicas": int(told.ready), "updatedReplicas": 1, "conditions": [available]}


def _spark_status(told: readiness.Readiness) -> dict[str, Any]:
    return {"applicationState": {"state": "RUNNING" if told.ready else "SUBMITTED"}}


def _schedule_status(_told: readiness.Readiness) -> dict[str, Any]:
    return {"scheduleState": "Scheduled"}


_STATUS = {
    "Deployment": _deployment_status,
    "SparkApplication": _spark_status,
    "ScheduledSparkApplication": _schedule_status,
}
