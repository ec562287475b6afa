"""How many gateways there are, who decides it, and how many of them may be away at a time."""

from dataclasses import dataclass

from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest
from parking_operator.render.containers import DEPLOYMENT
from parking_operator.render.labels import GATEWAY, child, selector, shared_name
from parking_operator.site import Site

AUTOSCALER = Kind("autoscaling/v2", "HorizontalPodAutoscaler")
DISRUPTION_BUDGET = Kind("policy/v1", "PodDisruptionBudget")

_BUSY = "600m"
"""CPU of a gateway from which on another one should help: it is one process, so one core is all it can use."""


@dataclass(frozen=True, slots=True)
class Replicas:
    """Limits to the number of pods."""

    lowest: int
    highest: int

    @property
    def are_fixed(self) -> bool:
        """Whether there is nothing for an autoscaler to decide."""
        return self.lowest == self.highest


def gateway_replicas(lot: ParkingLot, site: Site) -> Replicas:
    """Give what a lot asks for, as far as the site goes."""
    asked = lot.spec.gateway
    lowest = min(asked.replicas, site.max_gateway_replicas)
    return Replicas(lowest, max(lowest, min(asked.max_replicas or lowest, site.max_gateway_replicas)))


def gateway_scaling(lot: ParkingLot, replicas: Replicas) -> tuple[Manifest, ...]:
    """Render the autoscaler and the disruption budget, where there is something for them to do."""
    scaler = () if replicas.are_fixed else (_autoscaler(lot, replicas),)
    budget = (_disruption_budget(lot),) if replicas.highest > 1 else ()
    return (*scaler, *budget)


def _autoscaler(lot: ParkingLot, replicas: Replicas) -> Manifest:
    name = shared_name(lot, GATEWAY)
    cpu = {"name": "cpu", "target": {"type": "AverageValue", "averageValue": _BUSY}}
    spec = {
        "scaleTargetRef": {"apiVersion": DEPLOYMENT.api_version, "kind": DEPLOYMENT.kind, "name": name},
        "minReplicas": replicas.lowest,
        "maxReplicas": replicas.highest,
        "metrics": [{"type": "Resource", "resource": cpu}],
    }
    return child(lot, AUTOSCALER, GATEWAY, name, {"spec": spec})


def _disruption_budget(lot: ParkingLot) -> Manifest:
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": selector(lot, GATEWAY)},
        # Pods that do not work anyway must not hold up the draining of a node.
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return child(lot, DISRUPTION_BUDGET, GATEWAY, shared_name(lot, GATEWAY), {"spec": spec})
