"""The gateway: a Deployment behind a Service."""

from parking.documents import GatewayDocument
from parking.lot import ParkingLot
from parking_operator.objects import Manifest
from parking_operator.render.containers import DOCUMENT_PATH, SERVICE, Workload, config_map, deployment
from parking_operator.render.labels import GATEWAY, child, selector
from parking_operator.site import Site


def gateway(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the gateway."""
    workload = Workload(
        component=GATEWAY,
        name=f"{lot.name}-gateway",
        document=GatewayDocument.of(lot, bootstrap_servers=site.bootstrap_servers_of(lot)),
        image=site.images.api,
        command=("python", "-m", "parking_api", "--config", DOCUMENT_PATH, "--port", str(site.gateway_port)),
        port=site.gateway_port,
        replicas=min(lot.spec.gateway.replicas, site.max_gateway_replicas),
        cpu="100m",
        memory="512Mi",
    )
    ports = [{"name": "http", "port": site.gateway_port, "targetPort": "http"}]
    service = {"spec": {"selector": selector(lot, GATEWAY), "ports": ports}}
    return (
        config_map(lot, GATEWAY, workload.name, workload.document),
        deployment(lot, site, workload),
        child(lot, SERVICE, GATEWAY, workload.name, service),
    )
