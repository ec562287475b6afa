"""The operator does all its work with the rights and the arguments that the chart gives it, and is never refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from parking_operator.cluster.resources import CHILDREN
from tests.charts.helm import arguments_after, pick, pods, rendered_case
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.operator import OperatorProcess
from tests.support.cluster.waiting import eventually

pytestmark = pytest.mark.cluster

ACCOUNT = "parking-operator"
RIGHTS = {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}


@contextmanager
def _operator(
    plane: ControlPlane, namespace: str, folder: Path, *, lots: str, kafka: str, scope: str
) -> Iterator[OperatorProcess]:
    """Run the operator as the chart would, for the lots of a namespace."""
    values = f"rbac.scope={scope}" + (
        f",rbac.namespaces={{{lots}}},strimzi.namespaces={{{kafka}}}" * (scope != "cluster")
    )
    rendered = rendered_case("default", "--set", values, namespace=namespace)
    for manifest in (manifest for manifest in rendered if manifest["kind"] in RIGHTS):
        plane.api.apply(manifest)
    (pod,) = pods([pick(rendered, "Deployment")])
    arguments = [
        flag for flag in arguments_after("run", pod) if not flag.startswith(("--probe", "--audit", "--resync"))
    ]
    operator = OperatorProcess(plane.kubeconfig_for(namespace, ACCOUNT), folder, *arguments)
    with operator.at_work():
        yield operator


def _refused(plane: ControlPlane, mark: int, namespace: str) -> list[str]:
    user = f"system:serviceaccount:{namespace}:{ACCOUNT}"
    refused = [r for r in plane.requests_since(mark) if r.user == user and r.code in {401, 403}]
    return sorted({f"{r.verb} {r.resource}" for r in refused})


@pytest.mark.parametrize("scope", ["cluster", "namespaced"])
def test_the_charts_rights_are_enough(control_plane: ControlPlane, tmp_path: Path, scope: str) -> None:
    api = control_plane.api
    namespace, lots = control_plane.namespace("release"), control_plane.namespace("lots")
    kafka = control_plane.namespace("kafka")
    mark = control_plane.audit_mark()
    lot = {
        "apiVersion": "parking.dev/v1alpha1",
        "kind": "ParkingLot",
        "metadata": {"name": "central", "namespace": lots},
        "spec": {
            "layout": {"rows": {"A": 4}},
            "cameras": {"count": 2},
            "sessions": {"engine": "Spark"},
            "kafka": {"cluster": {"name": "main", "namespace": kafka}},
            "gateway": {"host": "parking.example.org", "replicas": 2, "maxReplicas": 4},
            "road": {},
            "deletionPolicy": "Delete",
        },
    }

    def children() -> set[str]:
        labels = "app.kubernetes.io/managed-by=parking-operator"
        return {
            child.kind.kind
            for child in CHILDREN
            for place in (lots, kafka)
            if api.list(*child.kind, place, labels=labels)
        }

    with _operator(control_plane, namespace, tmp_path, lots=lots, kafka=kafka, scope=scope) as operator:
        api.apply(lot)
        every = {child.kind.kind for child in CHILDREN} - {"HTTPRoute"}  # an Ingress is made instead
        eventually(lambda: children() >= every, what=f"missing {every - children()}:\n{operator.log[-2000:]}")
        api.delete("parking.dev/v1alpha1", "ParkingLot", lots, "central")
        eventually(lambda: not children(), timeout=90)
        eventually(lambda: api.get("parking.dev/v1alpha1", "ParkingLot", lots, "central") is None)
    assert _refused(control_plane, mark, namespace) == []
