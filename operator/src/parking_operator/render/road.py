"""Simulated vehicles on the road to the lot: one Deployment, none when real vehicles produce."""

from parking.lot import ParkingLot
from parking.road_documents import ArrivalBay, RoadDocument
from parking.road_spec import Road
from parking_operator.objects import Manifest
from parking_operator.render.access import service_account
from parking_operator.render.cameras import arrival_bays, watched_by
from parking_operator.render.containers import Workload, deployment
from parking_operator.render.labels import ROAD, shared_name
from parking_operator.render.network import network_policy
from parking_operator.render.pods import DOCUMENT_PATH, PROBE_FLAG, PROBE_PORT, config_map
from parking_operator.site import Site

_COMMAND = ("python", "-m", "parking_simulators", "road", "--config", DOCUMENT_PATH, PROBE_FLAG, str(PROBE_PORT))


def road(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the vehicles of a lot's road."""
    asked = lot.spec.road
    if asked is None or asked.source == "External" or lot.spec.suspend:
        return ()
    workload = _workload(lot, asked, site)
    return (
        service_account(lot, site, ROAD, aws_role=asked.snapshots.aws_role),
        network_policy(lot, ROAD, PROBE_PORT),
        config_map(lot, ROAD, workload.name, workload.document),
        deployment(lot, site, workload),
    )


def _workload(lot: ParkingLot, asked: Road, site: Site) -> Workload:
    cameras = watched_by(lot)
    bays = tuple(ArrivalBay(bay=bay, camera_id=cameras[bay]) for bay in arrival_bays(lot))
    stored = asked.snapshots.store is not None
    return Workload(
        component=ROAD,
        name=shared_name(lot, ROAD),
        document=RoadDocument.of(lot, asked, bays, bootstrap_servers=site.bootstrap_servers_of(lot)),
        image=site.images.simulators,
        command=_COMMAND,
        port=PROBE_PORT,
        overlap=False,  # two simulators would drive every vehicle twice
        stop_seconds=15,  # what waits to be sent gets 5 s
        cpu="100m",
        memory="512Mi",
        secret=asked.lake.s3.credentials_secret if stored else None,
    )
