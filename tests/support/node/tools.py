"""kubectl and helm, as a user of the cluster runs them."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.cluster.api import Api, Manifest
from tests.support.cluster.binaries import program
from tests.support.cluster.waiting import eventually


@dataclass(frozen=True, slots=True)
class Tools:
    """The command lines of one cluster's administrator; a failed command is an AssertionError with what it said."""

    kubeconfig: Path

    def kubectl(self, *argv: str, stdin: str | None = None, timeout: float = 300) -> str:
        """Run kubectl and give its output."""
        return self._run("kubectl", argv, stdin, timeout)

    def helm(self, *argv: str, stdin: str | None = None, timeout: float = 300) -> str:
        """Run helm and give its output."""
        return self._run("helm", argv, stdin, timeout)

    def apply(self, text: str) -> None:
        """Apply manifests, each of which names its namespace."""
        self.kubectl("apply", "-f", "-", stdin=text)

    def install(self, release: str, chart: Path, namespace: str, values: dict[str, Any]) -> None:
        """Install a chart, or upgrade it, and wait until its pods are ready."""
        self.helm(
            *("upgrade", "--install", release, str(chart), "--namespace", namespace, "--create-namespace"),
            *("--wait", "--timeout", "240s", "--values", "-"),
            stdin=json.dumps(values),
        )

    def _run(self, name: str, argv: tuple[str, ...], stdin: str | None, timeout: float) -> str:
        done = subprocess.run(
            [str(program(name)), *argv],
            env=os.environ | {"KUBECONFIG": str(self.kubeconfig)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{name} {' '.join(argv)}: {done.stderr}{done.stdout}"
        return done.stdout

    @contextmanager
    def port_forward(self, namespace: str, target: str, port: int) -> Iterator[str]:
        """Forward a free port of this machine; gives its address."""
        argv = [str(program("kubectl")), "--namespace", namespace, "port-forward", target, f":{port}"]
        environment = os.environ | {"KUBECONFIG": str(self.kubeconfig)}
        with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                told = process.stdout.readline()  # Forwarding from 127.0.0.1:PORT -> 5000
                assert "->" in told, told
                yield told.split()[2]
            finally:
                process.terminate()


@dataclass(frozen=True, slots=True)
class Pods:
    """The pods of one namespace."""

    api: Api
    namespace: str

    def all(self, labels: str = "") -> list[Manifest]:
        """List those that are not on their way out."""
        listed = self.api.list("v1", "Pod", self.namespace, labels=labels)
        return [pod for pod in listed if "deletionTimestamp" not in pod["metadata"] and not _has_ended(pod)]

    def wait_gone(self, labels: str = "", *, timeout: float = 120) -> None:
        """Wait until not even one that is on its way out is there."""
        told = f"pods {labels} are still there"
        eventually(lambda: not self.api.list("v1", "Pod", self.namespace, labels=labels), timeout=timeout, what=told)

    def ready(self, labels: str) -> list[str]:
        """Give the uids of those that are ready."""
        return [pod["metadata"]["uid"] for pod in self.all(labels) if _is_ready(pod)]

    def wait_ready(self, labels: str, count: int, *, timeout: float = 120, other_than: str = "") -> list[str]:
        """Wait until exactly ``count`` pods are there, all of them ready and none the one named by its uid."""

        def look() -> list[str]:
            ready, there = self.ready(labels), self.all(labels)
            assert len(ready) == len(there) == count, f"{labels}: {len(ready)} of {len(there)} ready, wanted {count}"
            assert other_than not in ready, f"{labels}: still the old pod"
            return ready or ["none"]

        return eventually(look, timeout=timeout)

    def kill(self, labels: str) -> str:
        """End one pod at once, as the loss of its node would; gives its uid."""
        pod = self.all(labels)[0]["metadata"]
        self.api.delete("v1", "Pod", self.namespace, pod["name"], grace=0)
        uid: str = pod["uid"]
        return uid


def _is_ready(pod: Manifest) -> bool:
    conditions = pod["status"].get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _has_ended(pod: Manifest) -> bool:
    return pod["status"].get("phase") in {"Succeeded", "Failed"}
