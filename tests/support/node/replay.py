"""A recording of cars, played to a lot by a pod of the simulators."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from parking_simulators.record import record
from parking_simulators.times import SECOND
from tests.support.cameras import START, cameras_document
from tests.support.cluster.api import Manifest
from tests.support.cluster.waiting import eventually
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import LOTS, Stack

MINUTES = 4
"""Length of a recording. At its end every car has left."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A Job that plays ``events`` events."""

    stack: Stack
    name: str
    events: int

    def wait_done(self, *, timeout: float = 180) -> None:
        """Wait until the brokers have all events; an AssertionError when the player failed."""

        def look() -> bool:
            status = (self.stack.api.get("batch/v1", "Job", LOTS, self.name) or {}).get("status", {})
            assert not status.get("failed"), self.stack.tools.kubectl("logs", "-n", LOTS, f"job/{self.name}")
            return bool(status.get("succeeded"))

        eventually(look, timeout=timeout, what=f"{self.name} is not done")


@contextmanager
def replayed(lot: RunningLot, folder: Path, name: str, *, seed: int, seconds: float) -> Iterator[Replay]:
    """Begin to play cars of their own for each seed, in about ``seconds``; the recording goes with the Job."""
    events = folder / f"{name}.jsonl"
    told = cameras_document(bays=10, seed=seed, duration_minutes=MINUTES)
    count = record(told, START, START + (MINUTES * 60 + 60) * SECOND, events)
    stack = lot.stack
    recording = {"name": name, "namespace": LOTS}
    stack.api.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": recording, "data": {"events": events.read_text()}}
    )
    speed = MINUTES * 60 / seconds
    stack.tools.apply(json.dumps(_job(lot, name, stack.images["simulators"].reference, speed)))
    try:
        yield Replay(stack, name, count)
    finally:
        stack.api.delete("batch/v1", "Job", LOTS, name)
        stack.api.delete("v1", "ConfigMap", LOTS, name)


def _job(lot: RunningLot, name: str, image: str, speed: float) -> Manifest:
    argv = ["python", "-m", "parking_simulators", "replay", "/recording/events.jsonl", f"--speed={speed:.2f}"]
    argv += ["--bootstrap-servers=kafka.kafka.svc:9092", f"--topic={lot.read().spec.topics.raw}", "--shift-to-now"]
    container = {
        "name": "replay",
        "image": image,
        "imagePullPolicy": "Never",
        "command": argv,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "recording", "mountPath": "/recording"}],
    }
    items = [{"key": "events", "path": "events.jsonl"}]
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": "recording", "configMap": {"name": name, "items": items}}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": LOTS},
        "spec": {"backoffLimit": 0, "template": {"spec": pod}},
    }
