"""The gateway: a Deployment, how it is reached, and how many of it there are."""

from parking.documents import GatewayDocument
from parking.lot import ParkingLot
from parking_operator.objects import Manifest
from parking_operator.render.access import service_account
from parking_operator.render.containers import Workload, deployment
from parking_operator.render.exposure import gateway_exposure
from parking_operator.render.labels import GATEWAY, shared_name
from parking_operator.render.network import network_policy
from parking_operator.render.pods import DOCUMENT_PATH, config_map
from parking_operator.render.scaling import Replicas, gateway_replicas, gateway_scaling
from parking_operator.site import Site


def gateway(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the gateway."""
    replicas = gateway_replicas(lot, site)
    workload = _workload(lot, site, replicas)
    return (
        service_account(lot, site, GATEWAY),
        network_policy(lot, GATEWAY, site.gateway_port),
        config_map(lot, GATEWAY, workload.name, workload.document),
        deployment(lot, site, workload),
        *gateway_exposure(lot, site),
        *gateway_scaling(lot, replicas),
    )


def _workload(lot: ParkingLot, site: Site, replicas: Replicas) -> Workload:
    return Workload(
        component=GATEWAY,
        name=shared_name(lot, GATEWAY),
        document=GatewayDocument.of(lot, bootstrap_servers=site.bootstrap_servers_of(lot)),
        image=site.images.api,
        command=("python", "-m", "parking_api", "--config", DOCUMENT_PATH, "--port", str(site.gateway_port)),
        port=site.gateway_port,
        replicas=replicas.lowest if replicas.are_fixed else None,
        spread=True,  # also when there is one: a second one must not restart the first
        drain_seconds=5,  # new clients come until every proxy has heard that this gateway ends
        stop_seconds=10,  # what is under way gets a second, then the consumer leaves its brokers
        cpu="100m",
        memory="512Mi",
    )
