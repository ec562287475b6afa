"""Judges a lot: pure checks, chained per condition; the first one with something to say decides.

Adding a rule is one function and one entry in CHAINS, and a reason in status.py if it needs a new one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parking.lot import ParkingLot
from parking_operator.objects import Ref
from parking_operator.render.labels import CAMERA, GATEWAY, LAKE, ROAD, SESSION_JOB, TOPIC, UPKEEP
from parking_operator.status import ConditionType, Reason, Verdict
from parking_operator.world import Child, WorldError


@dataclass(frozen=True, slots=True)
class Part:
    """A child that should be (or should not: then with its failure), what there is of it, and what went wrong."""

    ref: Ref
    child: Child | None
    failure: WorldError | None = None
    waits_for: Ref | None = None
    """A child that has to be gone before this one may come."""


@dataclass(frozen=True, slots=True)
class Input:
    """All that a condition is judged by: the lot, and the parts of one component."""

    lot: ParkingLot
    parts: Sequence[Part]

    def children(self, kind: str) -> list[tuple[Ref, Child]]:
        """Children of one kind that are there."""
        return [(part.ref, part.child) for part in self.parts if part.ref.kind == kind and part.child]


Check = Callable[[Input], Verdict | None]


def suspended(given: Input) -> Verdict | None:
    """Cameras and job rest while the lot is suspended."""
    if given.lot.spec.suspend:
        return Verdict(ready=False, reason=Reason.SUSPENDED, message="stopped, because spec.suspend is true")
    return None


def external(given: Input) -> Verdict | None:
    """Nothing to wait for when real cameras produce."""
    if given.lot.spec.cameras.source == "External":
        return Verdict(ready=True, reason=Reason.EXTERNAL, message="real cameras produce; none is simulated")
    return None


def no_vehicles(given: Input) -> Verdict | None:
    """Nothing to wait for when real vehicles produce."""
    if given.lot.spec.road and given.lot.spec.road.source == "External":
        return Verdict(ready=True, reason=Reason.EXTERNAL, message="real vehicles produce; none is simulated")
    return None


def schedule_refused(given: Input) -> Verdict | None:
    """A ScheduledSparkApplication whose schedule the Spark operator does not take."""
    for ref, child in given.children("ScheduledSparkApplication"):
        if child.status.get("scheduleState") == "FailedValidation":
            return _not_ready(ref, "schedule", str(child.status.get("reason", "")) or "is not valid")
    return None


def not_applied(given: Input) -> Verdict | None:
    """The world refused to make, change or remove a child."""
    for part in given.parts:
        if part.failure:
            return Verdict(ready=False, reason=part.failure.reason, message=f"{part.ref}: {part.failure}")
    return None


def waiting_for_another_to_end(given: Input) -> Verdict | None:
    """A child may not come before one that it replaces has ended."""
    for part in given.parts:
        if part.waits_for:
            return _not_ready(part.ref, f"waits until {part.waits_for} has ended", "")
    return None


def missing(given: Input) -> Verdict | None:
    """A child is not there."""
    for part in given.parts:
        if part.child is None:
            return Verdict(ready=False, reason=Reason.MISSING, message=f"{part.ref} does not exist")
    return None


def topic_not_ready(given: Input) -> Verdict | None:
    """A KafkaTopic whose own condition Ready is not true."""
    for ref, child in given.children("KafkaTopic"):
        told = _own_condition(child.status, "Ready")
        if told.get("status") != "True" or _is_stale(child):
            return _not_ready(ref, "waits to be made", str(told.get("message", "")) or child.error)
    return None


def deployment_not_ready(given: Input) -> Verdict | None:
    """A Deployment with fewer ready and current pods than it should have."""
    for ref, child in given.children("Deployment"):
        wanted = child.manifest["spec"].get("replicas", 1)
        ready = min(child.status.get("readyReplicas", 0), child.status.get("updatedReplicas", 0))
        if ready < wanted or _is_stale(child):
            why = str(_own_condition(child.status, "Available").get("message", ""))
            return _not_ready(ref, f"{ready} of {wanted} ready{f' ({why})' if why else ''}", child.error)
    return None


def job_not_running(given: Input) -> Verdict | None:
    """A SparkApplication in any state but RUNNING."""
    for ref, child in given.children("SparkApplication"):
        state = child.status.get("applicationState", {})
        if state.get("state") != "RUNNING":
            error = state.get("errorMessage", "") or child.error
            told = (state.get("state") or "NEW", *(() if error else _claims_without_storage(given)))
            return _not_ready(ref, ", ".join(told), error)
    return None


def _claims_without_storage(given: Input) -> list[str]:
    """What a job that nobody complains about may be waiting for; why is told by the claim's own events."""
    claims = [(ref, child.status.get("phase", "Pending")) for ref, child in given.children("PersistentVolumeClaim")]
    return [f"{ref} is {phase}" for ref, phase in claims if phase != "Bound"]


def stalled(given: Input) -> Verdict | None:
    """A child that runs, and has stopped to make progress."""
    for part in given.parts:
        if part.child and part.child.stalled:
            return Verdict(ready=False, reason=Reason.STALLED, message=f"{part.ref}: {part.child.stalled}")
    return None


def starting(given: Input) -> Verdict | None:
    """A child that runs, and is not yet at work."""
    for part in given.parts:
        if part.child and part.child.starting:
            return _not_ready(part.ref, part.child.starting, part.child.error)
    return None


def _own_condition(status: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    return next((condition for condition in status.get("conditions", ()) if condition["type"] == kind), {})


def _is_stale(child: Child) -> bool:
    """Whether the status still speaks of an older version of the object."""
    generation: int = child.manifest["metadata"].get("generation", 0)
    seen: int = child.status.get("observedGeneration", generation)
    return seen < generation


def _not_ready(ref: Ref, state: str, error: str) -> Verdict:
    if error:
        return Verdict(ready=False, reason=Reason.FAILING, message=f"{ref}: {state}: {error}")
    return Verdict(ready=False, reason=Reason.PROGRESSING, message=f"{ref}: {state}")


CHAINS: dict[ConditionType, tuple[tuple[str, ...], tuple[Check, ...]]] = {
    ConditionType.TOPICS_READY: ((TOPIC,), (not_applied, missing, topic_not_ready)),
    ConditionType.SESSION_JOB_READY: (
        (SESSION_JOB,),
        (
            not_applied,
            suspended,
            waiting_for_another_to_end,
            missing,
            job_not_running,
            stalled,
            deployment_not_ready,
            starting,
        ),
    ),
    ConditionType.CAMERAS_READY: ((CAMERA,), (not_applied, suspended, external, missing, deployment_not_ready)),
    ConditionType.GATEWAY_READY: ((GATEWAY,), (not_applied, missing, deployment_not_ready)),
    ConditionType.LAKE_READY: ((LAKE, UPKEEP), (not_applied, suspended, missing, job_not_running, schedule_refused)),
    ConditionType.ROAD_READY: ((ROAD,), (not_applied, suspended, no_vehicles, missing, deployment_not_ready)),
}
"""For each condition the components it speaks of, and its checks in order."""

_OF_A_ROAD = {ConditionType.LAKE_READY, ConditionType.ROAD_READY}


def conditions_of(lot: ParkingLot) -> list[ConditionType]:
    """Name the conditions that a lot is judged by."""
    return [kind for kind in CHAINS if lot.spec.road or kind not in _OF_A_ROAD]


def judge(checks: Sequence[Check], given: Input) -> Verdict:
    """Run a chain of checks."""
    for check in checks:
        if verdict := check(given):
            return verdict
    return Verdict(ready=True, reason=Reason.READY, message="up and running")


def conflict(taken: Mapping[str, str]) -> Verdict:
    """What is to be said of every component of a lot whose topics (key) belong to older lots (value)."""
    topics = ", ".join(f"topic {topic} belongs to ParkingLot {lot}" for topic, lot in taken.items())
    message = f"{topics}, which is older; nothing of this lot is touched"
    return Verdict(ready=False, reason=Reason.CONFLICT, message=message)


def overall(verdicts: Mapping[ConditionType, Verdict]) -> Verdict:
    """Judge Ready: the first condition that is not true speaks for the lot."""
    for kind, verdict in verdicts.items():
        if not verdict.ready:
            return Verdict(ready=False, reason=verdict.reason, message=f"{kind}: {verdict.message}")
    return Verdict(ready=True, reason=Reason.READY, message="up and running")
