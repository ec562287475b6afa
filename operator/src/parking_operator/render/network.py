"""Who may connect to a component's pods. Where they connect to is left open: brokers and storage may be anywhere."""

from typing import Any

from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest
from parking_operator.render.labels import child, selector, shared_name

NETWORK_POLICY = Kind("networking.k8s.io/v1", "NetworkPolicy")


def network_policy(lot: ParkingLot, component: str, port: int, *, among_themselves: bool = False) -> Manifest:
    """Open one port of a component's pods to everybody, and with ``among_themselves`` all ports to each other."""
    pods = {"matchLabels": selector(lot, component)}
    allowed: list[dict[str, Any]] = [{"ports": [{"protocol": "TCP", "port": port}]}]
    if among_themselves:
        allowed.append({"from": [{"podSelector": pods}]})
    spec = {"podSelector": pods, "policyTypes": ["Ingress"], "ingress": allowed}
    return child(lot, NETWORK_POLICY, component, shared_name(lot, component), {"spec": spec})
