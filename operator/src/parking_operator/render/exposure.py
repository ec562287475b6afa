"""How a gateway is reached: a Service inside the cluster, an Ingress or an HTTPRoute from outside when it has a host.

A Socket.IO client begins with long polling, several requests that have to meet the same gateway. The Service sees to
that by the client's address. Ingress controllers pass the Service by: those that know how are asked to by annotations.
An HTTPRoute has no standard word for it; behind one, clients connect by WebSocket, or the Gateway keeps them together.
"""

from typing import Any

from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest
from parking_operator.render.labels import GATEWAY, child, selector, shared_name
from parking_operator.render.pods import PORT_NAME
from parking_operator.site import Site

SERVICE = Kind("v1", "Service")
INGRESS = Kind("networking.k8s.io/v1", "Ingress")
HTTP_ROUTE = Kind("gateway.networking.k8s.io/v1", "HTTPRoute")

_COOKIE = "parking-gateway"
_STICKY_INGRESS = {
    "nginx.ingress.kubernetes.io/affinity": "cookie",
    "nginx.ingress.kubernetes.io/session-cookie-name": _COOKIE,
    "haproxy.org/cookie-persistence": _COOKIE,
}
_STICKY_SERVICE = {
    "traefik.ingress.kubernetes.io/service.sticky.cookie": "true",
    "traefik.ingress.kubernetes.io/service.sticky.cookie.name": _COOKIE,
}


def gateway_exposure(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the Service and what leads to it from outside."""
    host = lot.spec.gateway.host
    if host is None:
        return (_service(lot, site),)
    outside = _http_route(lot, site, site.http_gateway, host) if site.http_gateway else _ingress(lot, site, host)
    return (_service(lot, site), outside)


def _service(lot: ParkingLot, site: Site) -> Manifest:
    spec = {
        "selector": selector(lot, GATEWAY),
        "ports": [{"name": PORT_NAME, "port": site.gateway_port, "targetPort": PORT_NAME}],
        "sessionAffinity": "ClientIP",
    }
    return child(lot, SERVICE, GATEWAY, shared_name(lot, GATEWAY), {"spec": spec}, annotations=_STICKY_SERVICE)


def _ingress(lot: ParkingLot, site: Site, host: str) -> Manifest:
    name, secret = shared_name(lot, GATEWAY), lot.spec.gateway.tls_secret_name
    backend = {"service": {"name": name, "port": {"name": PORT_NAME}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    spec: dict[str, Any] = {"rules": [{"host": host, "http": {"paths": [path]}}]}
    if site.ingress_class:
        spec["ingressClassName"] = site.ingress_class
    if secret:
        spec["tls"] = [{"hosts": [host], "secretName": secret}]
    return child(lot, INGRESS, GATEWAY, name, {"spec": spec}, annotations=_STICKY_INGRESS)


def _http_route(lot: ParkingLot, site: Site, gateway: str, host: str) -> Manifest:
    namespace, _, parent = gateway.partition("/")
    name = shared_name(lot, GATEWAY)
    spec = {
        "parentRefs": [{"name": parent, "namespace": namespace}],
        "hostnames": [host],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": name, "port": site.gateway_port}],
            }
        ],
    }
    return child(lot, HTTP_ROUTE, GATEWAY, name, {"spec": spec})
