"""Runs Helm on the project's chart, by itself or against an API server."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import yaml

from tests.support.cluster.binaries import program

Manifest = dict[str, Any]

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "parking"
CRD_FILE = CHART / "files" / "parkinglots.parking.dev.yaml"
DASHBOARD_FILE = CHART / "files" / "dashboard.json"
VALUES = Path(__file__).parent / "values"
CASES = ("default", "namespaced", "everything", "digests")
NAMESPACE = "parking-system"

_KUBE = ("--kube-version", "1.34.0")  # without an API server to ask


class HelmError(AssertionError):
    """Helm has refused; the text is what it said."""


def helm(*arguments: str | Path, kubeconfig: Path | None = None) -> str:
    """Run Helm and give what it prints; raises HelmError."""
    # Nothing of the user's own Helm counts, neither settings nor plugins.
    nowhere = {
        f"HELM_{kind}_HOME": str(Path(gettempdir()) / "parking-tests-helm") for kind in ("CACHE", "CONFIG", "DATA")
    }
    env = {**os.environ, **nowhere, "KUBECONFIG": str(kubeconfig or os.devnull)}
    command = [str(program("helm")), *map(str, arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise HelmError(done.stderr + done.stdout)
    return done.stdout


def lint(case: str) -> str:
    """Lint the chart with a case's values."""
    return helm("lint", "--strict", CHART, "--values", VALUES / f"{case}.yaml", *_KUBE)


def template(*arguments: str | Path, case: str = "default", namespace: str = NAMESPACE) -> str:
    """Render the chart with a case's values and further ``arguments``; the release is called parking."""
    return helm("template", "parking", CHART, "-n", namespace, *_KUBE, "-f", VALUES / f"{case}.yaml", *arguments)


def manifests(rendered: str) -> list[Manifest]:
    """Read what was rendered."""
    return [document for document in yaml.safe_load_all(rendered) if document]


def rendered_case(case: str, *arguments: str | Path, namespace: str = NAMESPACE) -> list[Manifest]:
    """Render a case and read it."""
    return manifests(template(*arguments, case=case, namespace=namespace))


def pick(rendered: list[Manifest], kind: str, ending: str = "") -> Manifest:
    """Give the one manifest of a kind whose name has this ending."""
    (found,) = [m for m in rendered if m["kind"] == kind and m["metadata"]["name"].endswith(ending)]
    return found


def is_hook(manifest: Manifest) -> bool:
    """Whether it is there for one of Helm's own steps only."""
    return "helm.sh/hook" in manifest["metadata"].get("annotations", {})


def pods(rendered: list[Manifest]) -> Iterator[Manifest]:
    """Give every pod: those that are rendered, and those that a Deployment or a Job would make."""
    for manifest in rendered:
        if manifest["kind"] == "Pod":
            yield manifest
        elif manifest["kind"] in {"Deployment", "Job"}:
            template_ = manifest["spec"]["template"]
            spec = {"restartPolicy": "Always", **template_["spec"]}
            named = {"name": manifest["metadata"]["name"], "namespace": manifest["metadata"]["namespace"]}
            yield {"apiVersion": "v1", "kind": "Pod", "metadata": {**template_["metadata"], **named}, "spec": spec}


def arguments_after(verb: str, pod: Manifest) -> list[str]:
    """Give the arguments that a pod of ours passes to ``python -m parking_operator VERB``."""
    (container,) = pod["spec"]["containers"]
    assert container["command"] == ["python"]
    assert container["args"][:3] == ["-m", "parking_operator", verb]
    found: list[str] = container["args"][3:]
    return found
