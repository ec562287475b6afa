"""All that lots consist of, before a real API server: it takes every object, and keeps it as it was rendered."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from parking_operator.objects import Manifest, covers
from tests.parking_operator.render.pod_templates import PodTemplate, templates
from tests.support.cluster.api import Api, ApiError
from tests.support.cluster.control_plane import ControlPlane

pytestmark = pytest.mark.cluster

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = sorted(path.stem for path in GOLDEN.glob("*.yaml"))
ENFORCED = {"pod-security.kubernetes.io/enforce": "restricted"}


@pytest.fixture(scope="module")
def namespace(control_plane: ControlPlane) -> str:
    """A namespace that lets restricted pods in only."""
    return control_plane.namespace("children", labels=ENFORCED)


@pytest.mark.parametrize("case", CASES)
def test_the_api_server_keeps_what_is_rendered(case: str, control_plane: ControlPlane, namespace: str) -> None:
    for manifest in golden(case, namespace):
        kept = control_plane.api.apply(manifest, dry_run=True)
        assert covers(kept, manifest), f"a second pass would write {manifest['kind']} {manifest['metadata']['name']}"


@pytest.mark.parametrize("case", CASES)
def test_every_pod_is_let_in_where_only_restricted_ones_are(
    case: str, control_plane: ControlPlane, namespace: str
) -> None:
    pods = templates(golden(case, namespace))
    assert pods
    for number, template in enumerate(pods):
        make_account(control_plane.api, namespace, template.account)
        create_dry(control_plane.api, pod(template, namespace, f"pod-{number}"))


def test_a_pod_that_is_not_restricted_is_kept_out(control_plane: ControlPlane, namespace: str) -> None:
    template = templates(golden("minimal", namespace))[0]
    make_account(control_plane.api, namespace, template.account)
    loose = pod(template, namespace, "loose")
    del loose["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"]
    with pytest.raises(ApiError, match=r'violates PodSecurity "restricted:latest": allowPrivilegeEscalation'):
        create_dry(control_plane.api, loose)


def golden(case: str, namespace: str) -> list[Manifest]:
    """Give a golden file's objects, all in one namespace."""
    found = yaml.safe_load_all((GOLDEN / f"{case}.yaml").read_text())
    return [{**each, "metadata": {**each["metadata"], "namespace": namespace}} for each in found]


def pod(template: PodTemplate, namespace: str, name: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": template.labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template.spec}


def make_account(api: Api, namespace: str, name: str) -> None:
    """Make an account: pods of an unknown one are kept out, whatever their spec."""
    metadata = {"name": name, "namespace": namespace}
    api.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})


def create_dry(api: Api, manifest: Manifest) -> None:
    path = api.path_of(manifest).rsplit("/", 1)[0]
    api.request("POST", path, manifest, query={"dryRun": "All", "fieldValidation": "Strict"})
