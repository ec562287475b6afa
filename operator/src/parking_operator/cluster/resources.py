"""Where the API server keeps each kind of object that a lot consists of."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from parking.lot import API_VERSION, KIND
from parking_operator.objects import Kind, Manifest, Ref
from parking_operator.render.topics import KAFKA_TOPIC


class Resource(NamedTuple):
    """A kind of object as the API server names it in paths."""

    kind: Kind
    plural: str

    @property
    def group(self) -> str:
        """API group; empty for the core."""
        return self.kind.api_version.rpartition("/")[0]


LOT = Resource(Kind(API_VERSION, KIND), "parkinglots")
POD = Resource(Kind("v1", "Pod"), "pods")
CHILDREN = tuple(
    Resource(Kind(api_version, kind), plural)
    for api_version, kind, plural in (
        (*KAFKA_TOPIC, "kafkatopics"),
        ("v1", "ConfigMap", "configmaps"),
        ("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
        ("v1", "Service", "services"),
        ("v1", "ServiceAccount", "serviceaccounts"),
        ("apps/v1", "Deployment", "deployments"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"),
        ("networking.k8s.io/v1", "Ingress", "ingresses"),
        ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
        ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
        ("sparkoperator.k8s.io/v1beta2", "SparkApplication", "sparkapplications"),
        ("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication", "scheduledsparkapplications"),
    )
)
"""Kinds of children, each in the version that the renderer writes."""

_BY_KIND = {resource.kind.kind: resource for resource in (*CHILDREN, LOT, POD)}


KAFKA_TOPICS = _BY_KIND[KAFKA_TOPIC.kind]


def resource_of(kind: str) -> Resource:
    """Find a resource by its kind; KeyError for one that no lot consists of."""
    return _BY_KIND[kind]


def path_of(ref: Ref, *, api_version: str | None = None) -> str:
    """Give the path of an object, in another version of its group if one is given."""
    version = api_version or ref.api_version
    return f"{collection_path(version, ref.namespace, resource_of(ref.kind).plural)}/{ref.name}"


def collection_path(api_version: str, namespace: str | None, plural: str) -> str:
    """Give the path of a namespace's objects of one sort, or of all namespaces'."""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def canonical(body: Mapping[str, Any]) -> Manifest:
    """Give an object as the platform names it: in the version that is rendered, without what only servers read."""
    resource = resource_of(body["kind"])
    metadata = {key: value for key, value in body["metadata"].items() if key != "managedFields"}
    return {**body, "apiVersion": resource.kind.api_version, "metadata": metadata}
