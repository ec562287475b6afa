"""The worlds in which lots run: the Kubernetes API server, one machine, or memory, behind one small protocol.

A world knows nothing of lots but their children's names. It is told what should be and tells what is, level by
level: each call may come twice, late, or after a restart of either side.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from parking.errors import ParkingError
from parking.lot import ParkingLot
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.render.labels import owner_of
from parking_operator.status import LotStatus, Reason


class WorldError(ParkingError):
    """A world could not do what it was asked; its text tells people why. Asking again later may help."""

    reason: ClassVar[Reason] = Reason.NOT_APPLIED
    """What a condition says when this is why a child is not as it should be."""


class NotInstalledError(WorldError):
    """A world does not know a kind of object."""

    reason = Reason.NOT_INSTALLED


@dataclass(frozen=True, slots=True)
class Child:
    """A lot's child as it is: the object with its ``status``, in the form that Kubernetes gives it.

    ``error`` is what the child itself last complained about, for what an object's status does not tell;
    ``starting`` what of it runs and is not yet at work, ``stalled`` what was at work and is no longer.
    """

    manifest: Manifest
    error: str = ""
    starting: str = ""
    stalled: str = ""

    @property
    def status(self) -> Mapping[str, Any]:
        """Status of the object, empty when nobody has written any."""
        status: Mapping[str, Any] = self.manifest.get("status", {})
        return status


@dataclass(frozen=True, slots=True)
class Observation:
    """A lot as it is: its children, also those it should no longer have, and what was last reported about it.

    ``taken`` names those of its topics that an older lot has, each with that lot; ``passed_on`` those of its former
    topics that another lot names now.
    """

    children: Mapping[Ref, Child] = field(default_factory=dict)
    status: LotStatus | None = None
    taken: Mapping[str, str] = field(default_factory=dict)
    passed_on: frozenset[str] = frozenset()


class World(Protocol):
    """Where a lot's children live. Every method may raise WorldError."""

    def observe(self, lot: ParkingLot) -> Observation:
        """Tell what there is of a lot."""

    def apply(self, manifest: Manifest) -> None:
        """Make an object, or change it into this; as server-side apply does, fields not named are left alone."""

    def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
        """Remove an object; no error if it is gone already.

        A workload that takes time to end is still observed until nothing of it runs any more: what replaces it waits.
        With ``keep_data`` a topic stays with its records and is only let go.
        """

    def report(self, lot: ParkingLot, status: LotStatus) -> None:
        """Keep a lot's status where people and the next ``observe`` find it."""


class MemoryWorld:
    """A world without any effect, for tests and dry runs; ``writes`` lists what was asked of it."""

    def __init__(self) -> None:
        self.objects: dict[Ref, Manifest] = {}
        self.errors: dict[Ref, str] = {}
        self.statuses: dict[str, LotStatus] = {}
        self.taken: dict[str, str] = {}
        self.passed_on: frozenset[str] = frozenset()
        self.kept_topics: set[str] = set()
        self.writes: list[str] = []

    def observe(self, lot: ParkingLot) -> Observation:
        """Tell what there is of a lot."""
        mine = {
            ref: Child(copy.deepcopy(manifest), self.errors.get(ref, ""))
            for ref, manifest in self.objects.items()
            if owner_of(manifest) == (lot.metadata.namespace, lot.name)
        }
        return Observation(mine, self.statuses.get(lot.name), self.taken, self.passed_on)

    def apply(self, manifest: Manifest) -> None:
        """Keep an object; its status survives, its generation grows."""
        ref = ref_of(manifest)
        self.writes.append(f"apply {ref}")
        old = self.objects.get(ref, {})
        new = copy.deepcopy(manifest)
        new["metadata"]["generation"] = old.get("metadata", {}).get("generation", 0) + 1
        self.objects[ref] = new | ({"status": old["status"]} if "status" in old else {})

    def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
        """Forget an object."""
        self.writes.append(f"remove {ref}")
        removed = self.objects.pop(ref, None)
        if removed and keep_data:
            self.kept_topics.add(removed["spec"]["topicName"])

    def report(self, lot: ParkingLot, status: LotStatus) -> None:
        """Keep a status."""
        self.writes.append(f"report {lot.name}")
        self.statuses[lot.name] = status
