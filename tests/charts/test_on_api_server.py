"""An API server takes what the chart renders, in a namespace that enforces the restricted Pod Security level."""

import pytest

from tests.charts.helm import CASES, Manifest, pods, rendered_case
from tests.charts.releases import RESTRICTED
from tests.support.cluster import crds
from tests.support.cluster.control_plane import ControlPlane

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def with_prometheus(control_plane: ControlPlane) -> ControlPlane:
    control_plane.install_crds(crds.SERVICE_MONITOR, crds.POD_MONITOR, crds.PROMETHEUS_RULE)
    return control_plane


def _rendered(plane: ControlPlane, case: str, namespace: str) -> list[Manifest]:
    """Render a case into namespaces that there are."""
    if case != "namespaced":
        return rendered_case(case, namespace=namespace)
    lots, kafka = plane.namespace(labels=RESTRICTED), plane.namespace()
    given = f"rbac.namespaces={{{lots}}},strimzi.namespaces={{{kafka}}}"
    return rendered_case(case, "--set", given, namespace=namespace)


@pytest.mark.parametrize("case", CASES)
def test_every_manifest_is_taken(with_prometheus: ControlPlane, case: str) -> None:
    namespace = with_prometheus.namespace(labels=RESTRICTED)
    rendered = _rendered(with_prometheus, case, namespace)
    assert len(rendered) > 10
    for manifest in rendered:
        taken = with_prometheus.api.apply(manifest, dry_run=True)
        assert taken["metadata"]["name"] == manifest["metadata"]["name"]


@pytest.mark.parametrize("case", CASES)
def test_every_pod_is_allowed(with_prometheus: ControlPlane, case: str) -> None:
    # A Deployment or a Job is only warned about: its pods are what would be refused.
    namespace = with_prometheus.namespace(labels=RESTRICTED)
    rendered = _rendered(with_prometheus, case, namespace)
    for account in (manifest for manifest in rendered if manifest["kind"] == "ServiceAccount"):
        with_prometheus.api.apply(account)
    tried = [with_prometheus.api.apply(pod, dry_run=True) for pod in pods(rendered)]
    assert len(tried) == 3
    for pod in tried:
        assert pod["spec"]["securityContext"]["runAsUser"] == 10001
        assert all("memory" in container["resources"]["limits"] for container in pod["spec"]["containers"])
