"""The pods that Spark itself makes of our templates, let in by an API server that takes restricted ones only."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark
import pytest
import yaml

from parking_local.toolchain.java import java_home
from parking_operator.objects import Manifest, covers
from parking_operator.render import render
from tests.parking_operator.render.pod_templates import violations
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.waiting import eventually
from tests.support.worlds import CLAIMING, make_lot

pytestmark = [pytest.mark.cluster, pytest.mark.spark]

SPARK_HOME = Path(pyspark.__file__).parent
START = """
import json, sys, time
from pyspark.sql import SparkSession
builder = SparkSession.builder
for name, value in json.load(open(sys.argv[1])).items():
    builder = builder.config(name, value)
builder.getOrCreate()
time.sleep(120)
"""


@dataclass(frozen=True)
class Submission:
    """An application with the Spark settings that the Spark operator derives from it."""

    plane: ControlPlane
    namespace: str
    folder: Path
    application: Manifest

    @property
    def spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = self.application["spec"]
        return spec

    @property
    def access(self) -> dict[str, str]:
        """What a client needs to be let in; Spark has a prefix of its own for each of its parts."""
        (authority := self.folder / "authority.pem").write_bytes(self.plane.authority or b"")
        (token,) = self.plane.client.configuration.api_key.values()
        return {"caCertFile": str(authority), "oauthToken": token.removeprefix("Bearer ")}

    def settings(self, role: str) -> dict[str, str]:
        """Settings for the pods of a role."""
        told, prefix = self.spec[role], f"spark.kubernetes.{role}"
        template = self.folder / f"{role}.yaml"
        template.write_text(yaml.safe_dump(told["template"]))
        return {
            "spark.kubernetes.namespace": self.namespace,
            "spark.kubernetes.container.image": self.spec["image"],
            f"spark.{role}.cores": str(told["cores"]),
            f"spark.{role}.memory": told["memory"],
            f"spark.kubernetes.authenticate.{role}.serviceAccountName": told["serviceAccount"],
            f"{prefix}.podTemplateFile": str(template),
            f"{prefix}.podTemplateContainerName": f"spark-kubernetes-{role}",
            **{f"{prefix}.label.{name}": value for name, value in told["labels"].items()},
        }

    def pod(self, role: str) -> Manifest:
        """Give the pod of a role, as soon as there is one."""
        return eventually(
            lambda: self.plane.api.list("v1", "Pod", self.namespace, labels=f"spark-role={role}"), timeout=60
        )[0]


@pytest.fixture
def submission(control_plane: ControlPlane, tmp_path: Path) -> Submission:
    """The session job of a lot in a namespace of its own."""
    namespace = control_plane.namespace("spark", labels={"pod-security.kubernetes.io/enforce": "restricted"})
    manifests = render(make_lot(namespace=namespace), CLAIMING)
    for manifest in manifests:
        if manifest["kind"] in {"ServiceAccount", "RoleBinding", "ConfigMap"}:
            control_plane.api.apply(manifest)
    (application,) = (manifest for manifest in manifests if manifest["kind"] == "SparkApplication")
    return Submission(control_plane, namespace, tmp_path, application)


@pytest.fixture
def environment() -> dict[str, str]:
    """What Spark needs to know of this machine."""
    return {**os.environ, "JAVA_HOME": str(java_home(for_spark=True)), "SPARK_HOME": str(SPARK_HOME)}


def test_the_drivers_pod_is_let_in(submission: Submission, environment: dict[str, str]) -> None:
    access = {f"spark.kubernetes.authenticate.submission.{name}": value for name, value in submission.access.items()}
    told = {
        **submission.settings("driver"),
        **access,
        **submission.spec["sparkConf"],
        "spark.kubernetes.submission.waitAppCompletion": "false",
    }
    options = [word for name, value in told.items() for word in ("--conf", f"{name}={value}")]
    to = ["--master", f"k8s://{submission.plane.url}", "--deploy-mode", "cluster", "--name", "central-sessions"]
    program = [submission.spec["mainApplicationFile"], *submission.spec["arguments"]]
    argv = [str(SPARK_HOME / "bin" / "spark-submit"), *to, *options, *program]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    pod = submission.pod("driver")
    assert pod["spec"]["automountServiceAccountToken"] is True, "it makes the executors"
    assert pod["spec"]["containers"][0]["args"][-4:] == submission.spec["arguments"]
    assert_as_asked(pod, submission.spec["driver"])


@pytest.mark.usefixtures("driver")
def test_the_executors_pods_are_let_in(submission: Submission) -> None:
    pod = submission.pod("executor")
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert_as_asked(pod, submission.spec["executor"])


@pytest.fixture
def driver(submission: Submission, environment: dict[str, str]) -> Iterator[None]:
    """A driver outside the cluster, which asks for executors as one inside does."""
    told = {
        **submission.settings("executor"),
        **{f"spark.kubernetes.authenticate.{name}": value for name, value in submission.access.items()},
        "spark.master": f"k8s://{submission.plane.url}",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.instances": "1",
        "spark.ui.enabled": "false",
    }
    settings = submission.folder / "settings.json"
    settings.write_text(json.dumps(told))
    with (submission.folder / "driver.log").open("wb") as log:
        argv = [sys.executable, "-c", START, str(settings)]
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with its Java
        process.wait(10)


def assert_as_asked(pod: Manifest, told: dict[str, Any]) -> None:
    """Spark has kept the template, and added limits to its memory and none to its CPU."""
    wanted = told["template"]["spec"]
    (container,), (own,) = pod["spec"]["containers"], wanted["containers"]
    lists = {"containers", "volumes"}
    assert covers(pod["spec"], {name: value for name, value in wanted.items() if name not in lists})
    assert covers(container, {name: value for name, value in own.items() if name not in {"ports", "volumeMounts"}})
    for name, kept in (("volumes", pod["spec"]["volumes"]), ("volumeMounts", container["volumeMounts"])):
        asked = (wanted | own)[name]
        assert all(any(covers(each, one) for each in kept) for one in asked), name
    assert violations(pod["spec"]) == []
    assert pod["spec"]["serviceAccountName"] == told["serviceAccount"]
    assert container["resources"]["limits"].keys() == {"memory"}
    assert told["labels"].items() <= pod["metadata"]["labels"].items()
