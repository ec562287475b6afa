"""Lots, a site and worlds for tests of the reconcile core."""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any

from parking.lot import ParkingLot
from parking.manifest import load_lot
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.site import Images, Site
from parking_operator.world import MemoryWorld, WorldError

SITE = Site(
    bootstrap_servers="broker:9092",
    images=Images(jobs="parking/jobs:1", api="parking/api:1", simulators="parking/simulators:1"),
    storage_root="s3a://parking",
)
CLAIMING = dataclasses.replace(SITE, storage_root=None)
"""A site without a storage root: lots with Spark get claims."""


def make_lot(*, name: str = "central", namespace: str = "default", generation: int = 1, **spec: Any) -> ParkingLot:
    """Build a lot of 20 bays; ``spec`` gives further sections in manifest form."""
    return load_lot(
        {
            "apiVersion": "parking.dev/v1alpha1",
            "kind": "ParkingLot",
            "metadata": {"name": name, "namespace": namespace, "generation": generation},
            "spec": {"layout": {"rows": {"A": 10, "B": 10}}, **spec},
        }
    )


READY_STATUS: Mapping[str, Mapping[str, Any]] = {
    "KafkaTopic": {"conditions": [{"type": "Ready", "status": "True"}]},
    "SparkApplication": {"applicationState": {"state": "RUNNING"}},
    "ScheduledSparkApplication": {"scheduleState": "Scheduled"},
    "Deployment": {"readyReplicas": 99, "updatedReplicas": 99},
}


class LivelyWorld(MemoryWorld):
    """A world in which every child gets ready as soon as it is applied."""

    def apply(self, manifest: Manifest) -> None:
        super().apply(manifest)
        for ref, held in self.objects.items():
            held["status"] = READY_STATUS.get(ref.kind, {})


class LingeringWorld(LivelyWorld):
    """A world in which what is removed takes its time: it is still there until ``let_go``."""

    def __init__(self) -> None:
        super().__init__()
        self._ending: set[Ref] = set()

    def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
        self.writes.append(f"remove {ref}")
        self._ending.add(ref)

    def let_go(self) -> None:
        """Let what is ending be gone."""
        while self._ending:
            self.objects.pop(self._ending.pop(), None)


class FlakyWorld(LivelyWorld):
    """A world that refuses every second call for each object."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: Counter[Ref] = Counter()

    def apply(self, manifest: Manifest) -> None:
        self._stumble(ref_of(manifest))
        super().apply(manifest)

    def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
        self._stumble(ref)
        super().remove(ref, keep_data=keep_data)

    def _stumble(self, ref: Ref) -> None:
        self._calls[ref] += 1
        if self._calls[ref] % 2:
            raise WorldError("try again")
