"""Plays the part of the Spark operator, which needs nodes and images: driver pods without Spark, real statuses."""

import copy
import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tests.support.cluster.api import Api, ApiError, Manifest
from tests.support.cluster.watching import Key, StandIn, Watched

API_VERSION = "sparkoperator.k8s.io/v1beta2"
CONTAINER = "spark-kubernetes-driver"
RETRY_SECONDS = 1.0
_APP = "sparkoperator.k8s.io/app-name"
_SPEC_HASH = "stand-in/spec-hash"


class StandInSparkOperator(StandIn):
    """Submits SparkApplications by making a driver pod, and again when their spec changes, as the Spark operator does.

    ``submissions`` counts by (namespace, name).
    """

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.submissions: Counter[Key] = Counter()
        self._failed: dict[Key, str] = {}
        self._applications = self.watch(Watched(API_VERSION, "SparkApplication"))
        self._pods = self.watch(Watched("v1", "Pod", f"spark-role=driver,{_APP}"), self._pod_changed)

    def fail(self, namespace: str, application: str, message: str) -> None:
        """End an application in FAILED; it stays there until ``recover``."""
        self._failed[namespace, application] = message
        self.wake((namespace, application))

    def recover(self, namespace: str, application: str) -> None:
        """Let an application that failed be submitted again."""
        self._failed.pop((namespace, application), None)
        self.wake((namespace, application))

    def reconcile(self, key: Key) -> None:
        application = self._applications.get(key)
        if application is None or "deletionTimestamp" in application["metadata"]:
            return  # the garbage collector removes the driver
        pod = self._pods.get((key[0], _driver_name(application)))
        if key in self._failed:
            self._end(application, pod, "FAILED", self._failed[key])
        elif pod is None:
            self._submit(application)
        elif pod["metadata"]["annotations"].get(_SPEC_HASH) != _spec_hash(application):
            self._end(application, pod, "INVALIDATING")
        else:
            running = pod.get("status", {}).get("phase") == "Running"
            self._report(application, "RUNNING" if running else "SUBMITTED")

    def _submit(self, application: Manifest) -> None:
        key = application["metadata"]["namespace"], application["metadata"]["name"]
        try:
            self.api.create(_driver(application))
        except ApiError as error:
            if error.reason == "AlreadyExists":  # ours, or one that is on its way out: its change wakes us
                return
            self._report(application, "SUBMISSION_FAILED", error.message)
            self.wake(key, seconds=RETRY_SECONDS)
            return
        self.submissions[key] += 1
        attempts = application.get("status", {}).get("executionAttempts", 0) + 1
        self._report(application, "SUBMITTED", executionAttempts=attempts, submissionAttempts=1)

    def _end(self, application: Manifest, pod: Manifest | None, state: str, message: str = "") -> None:
        self._report(application, state, message)
        if pod and "deletionTimestamp" not in pod["metadata"]:
            self.api.delete("v1", "Pod", pod["metadata"]["namespace"], pod["metadata"]["name"], grace=0)

    def _report(self, application: Manifest, state: str, message: str = "", **facts: int) -> None:
        present: dict[str, Any] = application.get("status", {})
        told = {"state": state, **({"errorMessage": message} if message else {})}
        if present.get("applicationState") == told and not facts:
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        times: dict[str, Any] = {"lastSubmissionAttemptTime": now, "terminationTime": None} if facts else {}
        if state == "FAILED":
            times["terminationTime"] = now
        status = {
            # A merge keeps what it does not name.
            "applicationState": {"errorMessage": None} | told,
            "driverInfo": {"podName": _driver_name(application)},
            **facts,
            **times,
        }
        try:
            self.api.merge(application, {"status": status}, subresource="status")
        except ApiError as error:
            if error.status != 404:
                raise

    def _pod_changed(self, key: Key) -> None:
        namespace, name = key
        for application, manifest in self._applications.all().items():
            if application[0] == namespace and _driver_name(manifest) == name:
                self.wake(application)


def _driver(application: Manifest) -> Manifest:
    """Give the driver's pod as spark-submit and the Spark operator's webhook make it, as far as tests look at it."""
    metadata, spec = application["metadata"], application["spec"]
    driver = spec.get("driver", {})
    template = copy.deepcopy(driver.get("template", {}))
    owner = {
        "apiVersion": API_VERSION,
        "kind": "SparkApplication",
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
    }
    labels = {
        **template.get("metadata", {}).get("labels", {}),
        **driver.get("labels", {}),
        "spark-role": "driver",
        _APP: metadata["name"],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": _driver_name(application),
            "namespace": metadata["namespace"],
            "labels": labels,
            "annotations": {**driver.get("annotations", {}), _SPEC_HASH: _spec_hash(application)},
            "ownerReferences": [owner],
        },
        "spec": _pod_spec(spec, driver, template.get("spec", {})),
    }


def _pod_spec(spec: Manifest, driver: Manifest, pod: Manifest) -> Manifest:
    containers = pod.get("containers", [])
    ours: Manifest = next((container for container in containers if container.get("name") == CONTAINER), {})
    container = {**ours, "name": CONTAINER, "image": driver.get("image") or spec["image"], "args": ["driver"]}
    if "securityContext" in driver:
        container["securityContext"] = driver["securityContext"]
    found: Manifest = {**pod, "containers": [container, *(other for other in containers if other is not ours)]}
    for field, source in (("securityContext", "podSecurityContext"), ("serviceAccountName", "serviceAccount")):
        if source in driver:
            found[field] = driver[source]
    return found | {"restartPolicy": "Never"}


def _driver_name(application: Manifest) -> str:
    name: str = application["spec"].get("driver", {}).get("podName") or f"{application['metadata']['name']}-driver"
    return name


def _spec_hash(application: Manifest) -> str:
    return hashlib.sha256(json.dumps(application["spec"], sort_keys=True).encode()).hexdigest()[:12]
