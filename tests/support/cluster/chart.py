"""The project's chart, rendered by Helm."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.cluster.api import Api, Manifest
from tests.support.cluster.binaries import program

CHART = Path(__file__).parents[3] / "charts" / "parking"
RELEASE = "parking"
_RIGHTS = {"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}


def rendered(namespace: str, values: Mapping[str, Any] | None = None) -> list[Manifest]:
    """Give the chart's objects, hooks left out."""
    argv = [str(program("helm")), "template", RELEASE, str(CHART), "--namespace", namespace, "--no-hooks"]
    told = subprocess.run(
        [*argv, "--values", "-"], input=json.dumps(values or {}), capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return [document for document in yaml.safe_load_all(told.stdout) if document]


def grant(api: Api, namespace: str, values: Mapping[str, Any] | None = None) -> tuple[str, tuple[str, ...]]:
    """Give the operator's service account the rights that the chart gives it.

    Tells the account's name, and the arguments with which the chart starts the operator.
    """
    every = rendered(namespace, values)
    for manifest in every:
        if manifest["kind"] in _RIGHTS:
            api.apply(manifest)
    (pod,) = (manifest["spec"]["template"]["spec"] for manifest in every if manifest["kind"] == "Deployment")
    arguments = pod["containers"][0]["args"]
    return pod["serviceAccountName"], tuple(arguments[arguments.index("run") + 1 :])
