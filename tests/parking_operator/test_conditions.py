"""Checks: what each says of what it is given, and which one speaks first."""

from typing import Any

import pytest

from parking_operator.conditions import CHAINS, Input, Part, judge, overall
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.render import render
from parking_operator.status import ConditionType, Reason, Verdict
from parking_operator.world import Child, WorldError
from tests.support.worlds import CLAIMING, READY_STATUS, SITE, make_lot

TOPICS, JOB = ConditionType.TOPICS_READY, ConditionType.SESSION_JOB_READY
CAMERAS, GATEWAY = ConditionType.CAMERAS_READY, ConditionType.GATEWAY_READY
LAKE, ROAD = ConditionType.LAKE_READY, ConditionType.ROAD_READY

WITH_ROAD: dict[str, Any] = {"road": {}}
EMBEDDED = {"sessions": {"engine": "Embedded", "processes": 2}}


def verdict(
    kind: ConditionType, *, change: Any = None, failure: str | None = None, error: str = "", **spec: Any
) -> Verdict:
    """Judge a lot whose children are all ready, but for the last of ``kind``'s component: ``change`` it first."""
    lot = make_lot(**spec)
    components, checks = CHAINS[kind]
    objects = [m for m in render(lot, SITE) if m["metadata"]["labels"]["app.kubernetes.io/component"] in components]
    parts = [Part(ref_of(m), Child({**m, "status": READY_STATUS.get(m["kind"], {})})) for m in objects]
    if parts:
        place = next((n for n, part in enumerate(parts) if part.ref.kind in READY_STATUS), 0)
        parts[place] = changed(parts[place], change, failure, error)
    return judge(checks, Input(lot, parts))


def changed(part: Part, change: Any, failure: str | None, error: str) -> Part:
    assert part.child
    manifest: Manifest = part.child.manifest
    problem = WorldError(failure) if failure else None
    if change == "gone":
        return Part(part.ref, None, problem)
    return Part(part.ref, Child({**manifest, **(change or {})}, error), problem)


def not_ready_topic(message: str) -> dict[str, Any]:
    return {"status": {"conditions": [{"type": "Ready", "status": "False", "message": message}]}}


def spark(state: str, error: str = "") -> dict[str, Any]:
    return {"status": {"applicationState": {"state": state, "errorMessage": error}}}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [(TOPICS, {}), (JOB, {}), (JOB, EMBEDDED), (CAMERAS, {}), (GATEWAY, {}), (LAKE, WITH_ROAD), (ROAD, WITH_ROAD)],
)
def test_ready_when_every_child_is(kind: ConditionType, spec: dict[str, Any]) -> None:
    assert verdict(kind, **spec) == Verdict(ready=True, reason=Reason.READY, message="up and running")


@pytest.mark.parametrize(
    ("kind", "given", "reason", "message"),
    [
        (TOPICS, {"change": "gone"}, Reason.MISSING, "KafkaTopic central-processed-data does not exist"),
        (TOPICS, {"failure": "no"}, Reason.NOT_APPLIED, "KafkaTopic central-processed-data: no"),
        (TOPICS, {"change": {"status": {}}}, Reason.PROGRESSING, "KafkaTopic central-processed-data: waits to be made"),
        (
            TOPICS,
            {"change": not_ready_topic("cannot shrink")},
            Reason.FAILING,
            "KafkaTopic central-processed-data: waits to be made: cannot shrink",
        ),
        (
            LAKE,
            {"change": spark("FAILED", "no disk"), **WITH_ROAD},
            Reason.FAILING,
            "SparkApplication central-lake: FAILED: no disk",
        ),
        (LAKE, {"change": {}, "suspend": True, **WITH_ROAD}, Reason.SUSPENDED, "stopped, because spec.suspend is true"),
        (ROAD, {"change": "gone", **WITH_ROAD}, Reason.MISSING, "Deployment central-road does not exist"),
        (JOB, {"change": {}, "suspend": True}, Reason.SUSPENDED, "stopped, because spec.suspend is true"),
        (JOB, {"change": {"status": {}}}, Reason.PROGRESSING, "SparkApplication central-sessions: NEW"),
        (JOB, {"change": spark("SUBMITTED")}, Reason.PROGRESSING, "SparkApplication central-sessions: SUBMITTED"),
        (
            JOB,
            {"change": spark("FAILED", "no disk")},
            Reason.FAILING,
            "SparkApplication central-sessions: FAILED: no disk",
        ),
        (
            JOB,
            {"change": {"status": {"readyReplicas": 0, "updatedReplicas": 1}}, **EMBEDDED},
            Reason.PROGRESSING,
            "Deployment central-sessions-1: 0 of 1 ready",
        ),
        (
            JOB,
            {"change": {"status": {}}, "error": "was killed by signal 9", **EMBEDDED},
            Reason.FAILING,
            "Deployment central-sessions-1: 0 of 1 ready: was killed by signal 9",
        ),
        (JOB, {"change": "gone", **EMBEDDED}, Reason.MISSING, "Deployment central-sessions-1 does not exist"),
        (CAMERAS, {"suspend": True}, Reason.SUSPENDED, "stopped, because spec.suspend is true"),
        (CAMERAS, {"change": "gone"}, Reason.MISSING, "Deployment central-cameras-1 does not exist"),
        (GATEWAY, {"change": {"status": {}}}, Reason.PROGRESSING, "Deployment central-gateway: 0 of 2 ready"),
        (
            GATEWAY,
            {"change": {"status": {"readyReplicas": 1, "updatedReplicas": 2}}, "error": "ImagePullBackOff"},
            Reason.FAILING,
            "Deployment central-gateway: 1 of 2 ready: ImagePullBackOff",
        ),
    ],
)
def test_the_first_thing_wrong_is_told_with_the_childs_own_words(
    kind: ConditionType, given: dict[str, Any], reason: Reason, message: str
) -> None:
    assert verdict(kind, **given) == Verdict(ready=False, reason=reason, message=message)


def test_a_job_that_waits_for_its_claim_says_so_unless_it_knows_better() -> None:
    lot = make_lot()
    (claim,) = (m for m in render(lot, CLAIMING) if m["kind"] == "PersistentVolumeClaim")
    (job,) = (m for m in render(lot, CLAIMING) if m["kind"] == "SparkApplication")

    def message(phase: str, *, error: str = "", state: str = "SUBMITTED") -> str:
        told = {"applicationState": {"state": state}}
        children = (Child({**claim, "status": {"phase": phase}}), Child({**job, "status": told}, error))
        return judge(CHAINS[JOB][1], Input(lot, [Part(ref_of(c.manifest), c) for c in children])).message

    waits = "SparkApplication central-sessions: SUBMITTED"
    assert message("Pending") == f"{waits}, PersistentVolumeClaim central-sessions-checkpoint is Pending"
    assert message("Bound") == waits
    assert message("Pending", error="Unschedulable") == f"{waits}: Unschedulable"
    assert message("Pending", state="RUNNING") == "up and running"


def test_external_cameras_are_nothing_to_wait_for() -> None:
    assert verdict(CAMERAS, cameras={"source": "External"}).reason is Reason.EXTERNAL
    assert verdict(CAMERAS, cameras={"source": "External"}).ready


def test_a_status_of_an_older_version_does_not_count() -> None:
    metadata = {"metadata": {"name": "g", "namespace": "default", "generation": 3}}
    stale = {**metadata, "status": {"readyReplicas": 2, "updatedReplicas": 2, "observedGeneration": 2}}
    assert verdict(GATEWAY, change=stale).reason is Reason.PROGRESSING
    current = {**metadata, "status": {"readyReplicas": 2, "updatedReplicas": 2, "observedGeneration": 3}}
    assert verdict(GATEWAY, change=current).ready


def test_a_child_that_could_not_be_removed_is_told_even_when_suspended() -> None:
    ref = Ref("apps/v1", "Deployment", "default", "central-cameras-1")
    given = Input(make_lot(suspend=True), [Part(ref, None, WorldError("forbidden"))])
    assert judge(CHAINS[CAMERAS][1], given).message == "Deployment central-cameras-1: forbidden"


def test_the_first_condition_that_is_not_true_speaks_for_the_lot() -> None:
    fine = Verdict(ready=True, reason=Reason.READY, message="")
    slow = Verdict(ready=False, reason=Reason.PROGRESSING, message="0 of 1 ready")
    assert overall({TOPICS: fine, JOB: fine}).ready
    assert overall({TOPICS: fine, JOB: slow, GATEWAY: slow}) == Verdict(
        ready=False, reason=Reason.PROGRESSING, message="SessionJobReady: 0 of 1 ready"
    )
