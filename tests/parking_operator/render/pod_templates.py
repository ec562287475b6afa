"""The pods that manifests will make, and what the restricted Pod Security level would say of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from parking_operator.objects import Manifest

_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


@dataclass(frozen=True)
class PodTemplate:
    """A pod as its controller will make it. ``name``: driver or executor, else the workload's name."""

    name: str
    workload: str
    labels: dict[str, str]
    spec: dict[str, Any]

    @property
    def is_sparks(self) -> bool:
        """Whether Spark makes the pod, and sets its resources."""
        return self.name in {"driver", "executor"}

    @property
    def account(self) -> str:
        """The service account."""
        account: str = self.spec["serviceAccountName"]
        return account


def templates(manifests: Iterable[Manifest]) -> list[PodTemplate]:
    """Give all pods that manifests will make."""
    return [template for manifest in manifests for template in _of(manifest)]


def _of(manifest: Manifest) -> Iterator[PodTemplate]:
    name = manifest["metadata"]["name"]
    if manifest["kind"] == "Deployment":
        template = manifest["spec"]["template"]
        yield PodTemplate(name, name, template["metadata"]["labels"], template["spec"])
    if manifest["kind"] == "SparkApplication":
        for role in ("driver", "executor"):
            yield PodTemplate(role, name, manifest["spec"][role]["labels"], _of_spark(manifest["spec"], role))


def _of_spark(spec: dict[str, Any], role: str) -> dict[str, Any]:
    """Add to Spark's template what spark-submit adds."""
    pod = spec[role]["template"]["spec"]
    containers = [{**container, "image": spec["image"]} for container in pod["containers"]]
    return {**pod, "containers": containers, "serviceAccountName": spec[role]["serviceAccount"]}


def violations(pod: dict[str, Any]) -> list[str]:
    """Say what the restricted level, and a read-only root, miss in a pod."""
    security = pod["securityContext"]
    found = [
        *_unless(security.get("runAsNonRoot"), "runAsNonRoot"),
        *_unless(security.get("runAsUser", 0) > 0, "runAsUser"),
        *_unless(security.get("runAsGroup", 0) > 0, "runAsGroup"),
        *_unless(security.get("seccompProfile") == {"type": "RuntimeDefault"}, "seccompProfile"),
        *_unless(not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), "the host's namespaces"),
        *(f"volume {v['name']}" for v in pod.get("volumes", ()) if not v.keys() - {"name"} <= _VOLUMES),
    ]
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        own = container.get("securityContext", {})
        found += _unless(own.get("allowPrivilegeEscalation") is False, "allowPrivilegeEscalation")
        found += _unless(own.get("capabilities") == {"drop": ["ALL"]}, "capabilities")
        found += _unless(own.get("readOnlyRootFilesystem"), "readOnlyRootFilesystem")
    return found


def _unless(fine: object, name: str) -> list[str]:
    return [] if fine else [name]
