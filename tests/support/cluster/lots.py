"""A lot in a cluster, as its owner and as a bystander see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parking.lot import ParkingLot
from parking.manifest import load_lot
from parking_operator.cluster.resources import CHILDREN, canonical
from parking_operator.objects import Manifest, Ref, covers, ref_of
from parking_operator.render import render
from parking_operator.render.labels import LOT_LABEL, LOT_NAMESPACE_LABEL
from parking_operator.render.topics import CLUSTER_LABEL
from parking_operator.site import Site
from tests.support.cluster.api import Api, ApiError
from tests.support.cluster.waiting import eventually

_LOT = "parking.dev/v1alpha1", "ParkingLot"


@dataclass(frozen=True)
class LotInCluster:
    """One ParkingLot by its name; ``site`` is what its operator was told."""

    api: Api
    site: Site
    namespace: str
    name: str = "central"

    def create(self, **spec: Any) -> None:
        """Create it: 20 bays, topics of names of its own, and what ``spec`` says in manifest form."""
        own = {"raw": "raw", "processed": "processed", "quarantine": "quarantine"}
        topics = {key: f"{self.namespace}-{self.name}-{name}" for key, name in own.items()}
        body = {"layout": {"rows": {"A": 10, "B": 10}}, "topics": topics, **spec}
        self.api.create(self._manifest({"spec": body}))

    def edit(self, **spec: Any) -> None:
        """Merge into its spec; None takes a field out."""
        self.api.merge(self._manifest({}), {"spec": spec})

    def delete(self) -> None:
        """Ask for its end."""
        self.api.delete(*_LOT, self.namespace, self.name)

    def body(self) -> Manifest | None:
        """Give it as the API server has it; None when it is gone."""
        return self.api.get(*_LOT, self.namespace, self.name)

    def read(self) -> ParkingLot:
        """Give it as the operator reads it."""
        body = self.body()
        assert body, f"{self.name} is gone"
        return load_lot(body)

    def conditions(self) -> dict[str, tuple[str, str, str]]:
        """Give status, reason and message of each condition."""
        told = (self.body() or {}).get("status", {}).get("conditions", ())
        return {c["type"]: (c["status"], c["reason"], c["message"]) for c in told}

    def wait_for(self, reason: str, *, condition: str = "Ready", message: str = "", timeout: float = 60) -> str:
        """Wait until a condition has this reason, told of the newest generation; gives its message."""

        def told() -> str:
            body = self.body() or {}
            status, why, text = self.conditions().get(condition, ("", "", ""))
            newest = body.get("status", {}).get("observedGeneration") == body["metadata"]["generation"]
            seen = f"{condition} is {status} {why}: {text}"
            assert newest, f"not judged yet; {seen}"
            assert why == reason, seen
            assert message in text, seen
            return text or " "

        return eventually(told, timeout=timeout)

    def wanted(self) -> dict[Ref, Manifest]:
        """Give the objects that it should consist of now; topics made through the admin client are none."""
        rendered = {ref_of(manifest): manifest for manifest in render(self.read(), self.site)}
        return {ref: m for ref, m in rendered.items() if ref.kind != "KafkaTopic" or CLUSTER_LABEL in _labels(m)}

    def children(self) -> dict[Ref, Manifest]:
        """Give the objects that it does consist of, by their labels."""
        selector = f"{LOT_LABEL}={self.name},{LOT_NAMESPACE_LABEL}={self.namespace}"
        found: dict[Ref, Manifest] = {}
        for resource in CHILDREN:
            try:
                listed = self.api.list(*resource.kind, labels=selector)
            except ApiError as error:
                if error.status != 404:
                    raise
                continue
            found |= {ref_of(body): canonical(body) for body in listed}
        return found

    def differences(self) -> list[str]:
        """Name the objects that are too many, missing, or not as they should be."""
        wanted, found = self.wanted(), self.children()
        wrong = [f"{ref} is missing" for ref in wanted.keys() - found.keys()]
        wrong += [f"{ref} is too many" for ref in found.keys() - wanted.keys()]
        wrong += [f"{ref} differs" for ref in wanted.keys() & found.keys() if not covers(found[ref], wanted[ref])]
        return wrong

    def wait_until_in_line(self, *, timeout: float = 60) -> None:
        """Wait until it consists of exactly what it should."""
        eventually(lambda: _none(self.differences()), timeout=timeout)

    def wait_until_gone(self, *, timeout: float = 60) -> None:
        """Wait until it has ended, and check that none of its objects is left."""
        eventually(
            lambda: self.body() is None, timeout=timeout, what=f"{self.name} is still there: {self.conditions()}"
        )
        eventually(lambda: _none([str(ref) for ref in self.children()]), timeout=timeout)

    def events(self) -> list[tuple[str, str]]:
        """Give type and reason of the Events about it."""
        told = self.api.list("v1", "Event", self.namespace)
        return [(event["type"], event["reason"]) for event in told if event["involvedObject"]["name"] == self.name]

    def _manifest(self, body: Mapping[str, Any]) -> Manifest:
        metadata = {"name": self.name, "namespace": self.namespace}
        return {"apiVersion": _LOT[0], "kind": _LOT[1], "metadata": metadata, **body}


def versions(objects: Mapping[Ref, Manifest]) -> dict[Ref, tuple[str, int]]:
    """Give uid and generation of each object: equal ones were neither changed nor made anew."""
    return {ref: (body["metadata"]["uid"], body["metadata"].get("generation", 0)) for ref, body in objects.items()}


def _labels(manifest: Manifest) -> Mapping[str, str]:
    labels: Mapping[str, str] = manifest["metadata"]["labels"]
    return labels


def _none(wrong: list[str]) -> bool:
    assert not wrong, ", ".join(wrong[:5])
    return True
