"""What pods say about the workload that they belong to."""

from typing import Any

import pytest

from parking_operator.cluster.pods import as_workload, complaint, with_pods, workload_of
from parking_operator.objects import Ref

SPARK = {"spark-role": "driver"}


def pod(
    *, labels: dict[str, str] | None = None, phase: str = "Running", ready: str = "True", **status: Any
) -> dict[str, Any]:
    condition = {"type": "Ready", "status": ready, "lastTransitionTime": "2030-01-01T10:00:05Z"}
    told = {"phase": phase, "conditions": [condition, *status.pop("conditions", ())], **status}
    named = {"parking.dev/workload": "central-sessions", **(labels or {})}
    return {"metadata": {"name": "p", "namespace": "default", "labels": named}, "status": told}


def running_since(time: str) -> list[dict[str, Any]]:
    return [{"state": {"running": {"startedAt": time}}}]


@pytest.mark.parametrize(
    ("labels", "kind"),
    [({}, "Deployment"), (SPARK, "SparkApplication"), ({"spark-role": "executor"}, "SparkApplication")],
)
def test_a_pod_names_its_workload(labels: dict[str, str], kind: str) -> None:
    found = workload_of(pod(labels=labels))
    assert found
    assert (found.kind, found.namespace, found.name) == (kind, "default", "central-sessions")


def test_a_foreign_pod_has_none() -> None:
    assert workload_of({"metadata": {"name": "p", "namespace": "default"}}) is None


@pytest.mark.parametrize(
    ("image", "document", "outdated"),
    [("jobs:2", "new", False), ("jobs:1", "new", True), ("jobs:2", "old", True)],
)
def test_a_driver_that_missed_a_change_is_not_at_work(image: str, document: str, outdated: bool) -> None:
    names = ("parking.dev/image", "parking.dev/document-hash")
    application = {"spec": {"driver": {"annotations": dict(zip(names, ("jobs:2", "new"), strict=True))}}}
    driver = pod(labels=SPARK)
    driver["metadata"]["annotations"] = dict(zip(names, (image, document), strict=True))
    told = with_pods(application, [driver]).starting
    assert told == ("pod p is still the one before the last change" if outdated else "")


@pytest.mark.parametrize(
    ("container", "told"),
    [
        (
            {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}},
            "pod p: ImagePullBackOff (no such image)",
        ),
        (
            {
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 2, "message": "bad"}},
            },
            "pod p: CrashLoopBackOff (exit code 2: bad)",
        ),
        ({"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}, "pod p: OOMKilled (exit code 137)"),
        ({"state": {"waiting": {"reason": "ContainerCreating"}}}, ""),
        ({"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}, ""),
        ({"state": {"running": {}}}, ""),
    ],
)
def test_a_pod_complains_in_its_own_words(container: dict[str, Any], told: str) -> None:
    assert complaint(pod(containerStatuses=[container])) == told


def test_a_pod_that_no_node_takes_says_why() -> None:
    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
    assert complaint(pod(phase="Pending", conditions=[unscheduled])) == "pod p: Unschedulable (0/3 nodes)"


@pytest.mark.parametrize(
    ("given", "starting", "stalled"),
    [
        (pod(containerStatuses=running_since("2030-01-01T10:00:00Z")), False, False),
        (pod(ready="False", containerStatuses=running_since("2030-01-01T10:00:00Z")), True, True),
        (pod(ready="False", containerStatuses=running_since("2030-01-01T10:00:05Z")), True, False),
        (
            pod(
                ready="False",
                labels={"spark-role": "executor"},
                containerStatuses=running_since("2030-01-01T10:00:00Z"),
            ),
            False,
            False,
        ),
        (pod(ready="False", phase="Pending"), False, False),
    ],
    ids=["ready", "was ready before", "not yet ready", "executor", "not started"],
)
def test_starting_and_stalled(given: dict[str, Any], starting: bool, stalled: bool) -> None:
    child = with_pods({"kind": "Deployment"}, [given])
    assert (bool(child.starting), bool(child.stalled)) == (starting, stalled)


def test_a_pod_that_is_ending_is_not_heard() -> None:
    ending = pod(ready="False", containerStatuses=running_since("2030-01-01T10:00:00Z"))
    ending["metadata"]["deletionTimestamp"] = "2030-01-01T10:01:00Z"
    assert with_pods({"kind": "Deployment"}, [ending]).stalled == ""


def test_a_pod_stands_for_a_workload_that_is_gone() -> None:
    ref = Ref("apps/v1", "Deployment", "default", "central-sessions")
    stand_in = as_workload(ref, pod(labels={"app.kubernetes.io/component": "session-job"}))
    assert stand_in["metadata"]["labels"]["app.kubernetes.io/component"] == "session-job"
    assert stand_in["metadata"]["name"] == ref.name
