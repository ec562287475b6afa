"""What the pods of a workload say about it: why they wait, and whether they have stopped to make progress."""

from collections.abc import Iterable, Mapping
from typing import Any

from parking_operator.objects import Kind, Manifest, Ref
from parking_operator.render.containers import DEPLOYMENT
from parking_operator.render.labels import WORKLOAD_LABEL
from parking_operator.render.spark_application import SPARK_APPLICATION
from parking_operator.world import Child

_SPARK_ROLE = "spark-role"
"""Set by Spark on its pods: driver or executor."""
_STARTING = ("ContainerCreating", "PodInitializing")


def workload_of(pod: Mapping[str, Any]) -> Ref | None:
    """Name the Deployment or SparkApplication whose pod this is."""
    metadata = pod["metadata"]
    labels = metadata.get("labels", {})
    if WORKLOAD_LABEL not in labels:
        return None
    kind: Kind = SPARK_APPLICATION if _SPARK_ROLE in labels else DEPLOYMENT
    return Ref(*kind, metadata["namespace"], labels[WORKLOAD_LABEL])


def as_workload(ref: Ref, pod: Mapping[str, Any]) -> Manifest:
    """Stand for a workload that is gone while a pod of it is still there."""
    metadata = {"name": ref.name, "namespace": ref.namespace, "labels": pod["metadata"]["labels"]}
    return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata, "spec": {"replicas": 0}}


def with_pods(workload: Manifest, pods: Iterable[Mapping[str, Any]]) -> Child:
    """Add to a workload what its pods say; the programs that answer for themselves are all but Spark's executors."""
    answering = [pod for pod in pods if pod["metadata"]["labels"].get(_SPARK_ROLE) != "executor" and _counts(pod)]
    unready = [pod for pod in answering if _condition(pod, "Ready").get("status") != "True"]
    silent = [pod["metadata"]["name"] for pod in unready if pod.get("status", {}).get("phase") == "Running"]
    stalled = [pod["metadata"]["name"] for pod in unready if _was_ready(pod)]
    outdated = [pod["metadata"]["name"] for pod in answering if _is_outdated(workload, pod)]
    starting = [f"pod {name} is still the one before the last change" for name in outdated]
    starting += [f"pod {name} is not at work yet" for name in silent]
    return Child(
        workload,
        error=next(filter(None, map(complaint, answering)), ""),
        starting=next(iter(starting), ""),
        stalled=f"pod {stalled[0]} runs, but no longer makes progress" if stalled else "",
    )


def complaint(pod: Mapping[str, Any]) -> str:
    """Say why a pod does not run: what a container waits for, how it ended, or why no node takes it."""
    for container in (*_statuses(pod, "initContainerStatuses"), *_statuses(pod, "containerStatuses")):
        state = container.get("state", {})
        waiting, ended = state.get("waiting", {}), state.get("terminated", {})
        if waiting.get("reason") and waiting["reason"] not in _STARTING:
            last = container.get("lastState", {}).get("terminated", {})
            return _told(pod, waiting["reason"], waiting.get("message") or _end_of(last))
        if ended.get("exitCode"):
            return _told(pod, ended.get("reason", "Error"), _end_of(ended))
    scheduled = _condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return _told(pod, scheduled.get("reason", "Unschedulable"), scheduled.get("message", ""))
    return ""


def _told(pod: Mapping[str, Any], reason: str, message: str) -> str:
    return f"pod {pod['metadata']['name']}: {reason}{f' ({message})' if message else ''}"


def _end_of(ended: Mapping[str, Any]) -> str:
    if not ended:
        return ""
    text = str(ended.get("message", "")).strip()
    return f"exit code {ended.get('exitCode')}{f': {text[-300:]}' if text else ''}"


def _counts(pod: Mapping[str, Any]) -> bool:
    """Whether a pod is to be heard: one that is ending is not."""
    return "deletionTimestamp" not in pod["metadata"]


def _is_outdated(workload: Manifest, pod: Mapping[str, Any]) -> bool:
    """Whether a driver has another image or document than its application says.

    The Spark operator replaces a driver when it sees its application change. A change while it is away itself, as in
    an upgrade of everything, is one that it never sees; of Deployments Kubernetes tells by itself.
    """
    wanted: Mapping[str, str] = workload.get("spec", {}).get("driver", {}).get("annotations", {})
    told = pod["metadata"].get("annotations", {})
    return any(told.get(name, value) != value for name, value in wanted.items())


def _was_ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod that is not ready was so since its programs started: the condition turned after that."""
    turned = _condition(pod, "Ready").get("lastTransitionTime", "")
    running = [container.get("state", {}).get("running", {}) for container in _statuses(pod, "containerStatuses")]
    started = [state.get("startedAt", "") for state in running]
    return bool(turned) and bool(started) and all(started) and turned > max(started)


def _statuses(pod: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return list(pod.get("status", {}).get(kind, ()))


def _condition(pod: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    conditions = pod.get("status", {}).get("conditions", ())
    return next((condition for condition in conditions if condition["type"] == kind), {})
