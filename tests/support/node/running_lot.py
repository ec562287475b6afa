"""A lot on real pods: what it consists of, what it says, and whether its sessions are what they should be."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from parking.documents import SessionJobDocument
from parking.lot import ParkingLot
from parking.manifest import load_lot
from parking_operator.objects import Manifest
from parking_operator.render.labels import COMPONENT_LABEL, LOT_LABEL
from tests.support.broker import consume_all
from tests.support.cluster.waiting import eventually
from tests.support.node.stack import LOTS, Stack
from tests.support.oracle import upsert
from tests.support.recording import Recorded, judge, recorded_in
from tests.support.sessions_topic import Table

_LOT = "parking.dev/v1alpha1", "ParkingLot", LOTS


@dataclass(frozen=True, slots=True)
class RunningLot:
    """One lot by its name."""

    stack: Stack
    name: str

    def apply(self, manifest: Path) -> None:
        """Apply its manifest, as its owner does."""
        self.stack.tools.kubectl("apply", "--namespace", LOTS, "-f", str(manifest))

    def body(self) -> Manifest:
        """Give it as the API server has it."""
        body = self.stack.api.get(*_LOT, self.name)
        assert body, f"{self.name} is gone"
        return body

    def read(self) -> ParkingLot:
        """Give it as the operator reads it."""
        return load_lot(self.body())

    def edit(self, **spec: Any) -> None:
        """Merge into its spec."""
        self.stack.api.merge(self.body(), {"spec": spec})

    def scale(self, cameras: int) -> None:
        """Scale its cameras, as its owner does."""
        self.stack.tools.kubectl("scale", "--namespace", LOTS, f"lot/{self.name}", f"--replicas={cameras}")

    def wait_ready(self, *, timeout: float = 240) -> None:
        """Wait until it says that all of its newest generation is at work."""

        def look() -> bool:
            body = self.body()
            status = body.get("status", {})
            conditions = {each["type"]: each for each in status.get("conditions", ())}
            told = conditions.get("Ready", {})
            assert status.get("observedGeneration") == body["metadata"]["generation"], f"not judged yet: {told}"
            assert told["status"] == "True", f"{told['reason']}: {told['message']}"
            return True

        eventually(look, timeout=timeout)

    def labels(self, component: str, more: str = "") -> str:
        """Give the selector of a component's pods."""
        return ",".join([f"{LOT_LABEL}={self.name}", f"{COMPONENT_LABEL}={component}", *([more] if more else [])])

    def application(self) -> Manifest:
        """Give its SparkApplication."""
        kind = "sparkoperator.k8s.io/v1beta2", "SparkApplication"
        found = self.stack.api.get(*kind, LOTS, f"{self.name}-sessions")
        assert found, "no SparkApplication"
        return found

    def document(self) -> SessionJobDocument:
        """Give what its session job is told, with the broker as this machine reaches it."""
        return SessionJobDocument.of(self.read(), bootstrap_servers=self.stack.bootstrap_servers, checkpoint="")

    def events(self) -> list[Recorded]:
        """Read its raw topic."""
        return recorded_in(self.document())

    def table(self) -> Table:
        """Read its processed topic up to what is there now."""
        document, table = self.document(), dict[str, dict]()
        for record in consume_all(document.bootstrap_servers, document.topics.processed):
            upsert(table, json.loads(record.value() or b""))
        return table

    def wait_exact(self, *, timeout: float = 120) -> Table:
        """Wait until its table of sessions is the oracle's, who has seen all of its events."""

        def look() -> Table:
            expected, found = judge(self.document(), self.events()), self.table()
            wrong = [f"missing {key}" for key in expected.keys() - found.keys()]
            wrong += [f"unknown {found[key]}" for key in found.keys() - expected.keys()]
            wrong += [
                f"{found[key]} should be {row}" for key, row in expected.items() if key in found and found[key] != row
            ]
            assert not wrong, f"{len(wrong)} of {len(expected)} sessions are wrong: {'; '.join(wrong[:2])}"
            return found

        return eventually(look, timeout=timeout)

    def wait_live(self, since: float, *, timeout: float = 240) -> None:
        """Wait until the gateway shows a session of which an event came after ``since`` (unix seconds)."""

        def look() -> bool:
            told = self.gateway("/api/sessions/active")["active_sessions"]
            told += self.gateway("/api/sessions/closed?limit=10")["closed_sessions"]
            newest = max((session["last_arrival"] for session in told), default=0)
            assert newest >= since * 1_000, f"the newest event shown came {since - newest / 1_000:.1f} s before"
            return True

        eventually(look, timeout=timeout)

    def gateway(self, path: str) -> Any:
        """Ask the gateway from outside of the cluster."""
        try:
            answer = httpx.get(self.gateway_url + path, timeout=5)
        except httpx.TransportError as error:
            raise AssertionError(f"{path}: {error!r}") from error
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    @property
    def gateway_url(self) -> str:
        """Where the gateway is reached from this machine."""
        return f"http://{self.stack.cluster.address}:30500"

    def open_to_the_outside(self) -> None:
        """Give the gateway a port of the node, as a load balancer would."""
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "dashboards", "namespace": LOTS},
            "spec": {
                "type": "NodePort",
                "selector": {LOT_LABEL: self.name, COMPONENT_LABEL: "gateway"},
                "ports": [{"port": 5000, "nodePort": 30500}],
            },
        }
        self.stack.tools.apply(json.dumps(service))
