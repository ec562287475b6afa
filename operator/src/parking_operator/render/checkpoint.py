"""Where the Spark engine keeps its checkpoint: a folder that driver and executors reach by a URI, or on a volume."""

from dataclasses import dataclass
from typing import Any

from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest
from parking_operator.render.labels import SESSION_JOB, child, shared_name
from parking_operator.render.pods import Volume
from parking_operator.site import Site

CLAIM = Kind("v1", "PersistentVolumeClaim")
CHECKPOINT_PATH = "/var/lib/parking/checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder as pods see it, and the claim that they have to mount for that."""

    folder: str
    claim: str | None = None

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """What pods mount for it."""
        return (Volume("checkpoint", self.claim, CHECKPOINT_PATH),) if self.claim else ()


def checkpoint_of(lot: ParkingLot, site: Site) -> Checkpoint:
    """Give what the lot names, else a folder under the site's root, else one on a claim of the lot's own."""
    asked, own = lot.spec.sessions.checkpoint, f"{lot.metadata.namespace}/{lot.name}/sessions"
    if lot.spec.sessions.engine != "Spark":
        return Checkpoint("")
    if asked.location:
        return Checkpoint(asked.location)
    if asked.claim_name:
        return Checkpoint(f"{CHECKPOINT_PATH}/{own}", asked.claim_name)  # other lots may be there too
    if site.storage_root:
        return Checkpoint(f"{site.storage_root.rstrip('/')}/{own}")
    return Checkpoint(f"{CHECKPOINT_PATH}/sessions", f"{shared_name(lot, SESSION_JOB)}-checkpoint")


def checkpoint_claim(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the lot's own claim, where it has one. It ends with the job: what is on it can be had from Kafka."""
    name = checkpoint_of(lot, site).claim
    if name is None or lot.spec.sessions.checkpoint.claim_name:
        return ()
    return (claim(lot, site, SESSION_JOB, name),)


def claim(lot: ParkingLot, site: Site, component: str, name: str) -> Manifest:
    """Render a claim of a component's own, as the site gives them."""
    asked = site.checkpoint_claim
    spec: dict[str, Any] = {
        "accessModes": [asked.access_mode],
        "resources": {"requests": {"storage": asked.size}},
    }
    if asked.storage_class:
        spec["storageClassName"] = asked.storage_class
    return child(lot, CLAIM, component, name, {"spec": spec})
