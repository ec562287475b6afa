"""Plays the kubelets' part where there are no nodes: pods run by being said to run."""

from datetime import UTC, datetime

from tests.support.cluster.api import Api, ApiError, Manifest
from tests.support.cluster.watching import Key, StandIn, Watched


class StandInKubelet(StandIn):
    """Reports pods without a node as Running and Ready, though no container runs.

    Such pods vanish at once when deleted. On a cluster with nodes of its own there is nothing to do here.
    """

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._pods = self.watch(Watched("v1", "Pod"))
        self._held: dict[str, tuple[str, str]] = {}
        self._stalled: set[str] = set()

    def hold(self, prefix: str, reason: str, message: str = "") -> None:
        """Keep the containers of pods whose name begins so waiting, as for ImagePullBackOff."""
        self._held[prefix] = reason, message
        self._wake_all()

    def stall(self, prefix: str) -> None:
        """Let pods whose name begins so run on, but fail their readiness probe."""
        self._stalled.add(prefix)
        self._wake_all()

    def release(self, prefix: str) -> None:
        """End what ``hold`` or ``stall`` began."""
        self._held.pop(prefix, None)
        self._stalled.discard(prefix)
        self._wake_all()

    def reconcile(self, key: Key) -> None:
        pod = self._pods.get(key)
        if pod is None or "deletionTimestamp" in pod["metadata"] or pod["spec"].get("nodeName"):
            return
        status = self._status(pod)
        if not _tells(pod.get("status", {}), status):
            self._write(pod, status)

    def _write(self, pod: Manifest, status: Manifest) -> None:
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        path = f"{self.api.path('v1', 'Pod', namespace, name)}/status"
        # Not upon another pod that has taken its name meanwhile.
        change = {"metadata": {"uid": pod["metadata"]["uid"]}, "status": status}
        try:
            self.api.request("PATCH", path, change, content_type="application/merge-patch+json")
        except ApiError as error:
            if error.status not in {404, 409}:
                raise

    def _status(self, pod: Manifest) -> Manifest:
        name: str = pod["metadata"]["name"]
        held = next((why for prefix, why in self._held.items() if name.startswith(prefix)), None)
        stalled = any(name.startswith(prefix) for prefix in self._stalled)
        ready = held is None and not stalled
        since = pod["metadata"]["creationTimestamp"]
        state = (
            {"running": {"startedAt": since}}
            if held is None
            else {"waiting": {"reason": held[0], **({"message": held[1]} if held[1] else {})}}
        )
        return {
            "phase": "Running" if held is None else "Pending",
            "conditions": [
                _condition(kind, ready) for kind in ("Initialized", "PodScheduled", "ContainersReady", "Ready")
            ],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "imageID": "",
                    "ready": ready,
                    "started": held is None,
                    "restartCount": 0,
                    "state": state,
                }
                for container in pod["spec"]["containers"]
            ],
        }

    def _wake_all(self) -> None:
        for key in self._pods.all():
            self.wake(key)


def _condition(kind: str, ready: bool) -> Manifest:
    holds = ready or kind in {"Initialized", "PodScheduled"}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"type": kind, "status": "True" if holds else "False", "lastTransitionTime": now}
    return condition if holds else condition | {"reason": "ContainersNotReady", "message": "containers are not ready"}


def _tells(present: Manifest, status: Manifest) -> bool:
    """Whether a pod's status says this already, but for times."""
    return _facts(present) == _facts(status)


def _facts(status: Manifest) -> tuple[object, ...]:
    conditions = sorted((told["type"], told["status"]) for told in status.get("conditions", []))
    containers = [
        (told["name"], told["ready"], told["state"].get("waiting")) for told in status.get("containerStatuses", [])
    ]
    return status.get("phase"), conditions, containers
