"""Simulated cameras: one Deployment per group of cameras, none when real cameras produce."""

from collections.abc import Iterator

from parking.assignment import bays_of_cameras
from parking.documents import CamerasDocument, SimulatedCamera
from parking.lot import ParkingLot
from parking_operator.objects import Manifest
from parking_operator.render.access import service_account
from parking_operator.render.containers import Workload, deployment
from parking_operator.render.labels import CAMERA
from parking_operator.render.network import network_policy
from parking_operator.render.pods import DOCUMENT_PATH, PROBE_FLAG, PROBE_PORT, config_map
from parking_operator.site import Site

GROUP_LABEL = "parking.dev/camera-group"
_COMMAND = ("python", "-m", "parking_simulators", "cameras", "--config", DOCUMENT_PATH, PROBE_FLAG, str(PROBE_PORT))


def cameras(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the cameras of a lot."""
    if lot.spec.suspend or lot.spec.cameras.source == "External":
        return ()
    shared = (service_account(lot, site, CAMERA), network_policy(lot, CAMERA, PROBE_PORT))
    return (*shared, *_group_children(lot, site))


def _group_children(lot: ParkingLot, site: Site) -> Iterator[Manifest]:
    every, size = simulated_cameras(lot), lot.spec.cameras.cameras_per_pod
    for number, start in enumerate(range(0, len(every), size), start=1):
        workload = _workload(lot, site, number, every[start : start + size])
        yield config_map(lot, CAMERA, workload.name, workload.document)
        yield deployment(lot, site, workload)


def _workload(lot: ParkingLot, site: Site, number: int, group: tuple[SimulatedCamera, ...]) -> Workload:
    document = CamerasDocument.of(lot, group, bootstrap_servers=site.bootstrap_servers_of(lot))
    # Each camera is told whether it is silent; how many are in all would restart every group for a change of one.
    faults = document.faults.model_copy(update={"silent_cameras": 0})
    return Workload(
        component=CAMERA,
        name=f"{lot.name}-cameras-{number}",
        document=document.model_copy(update={"faults": faults}),
        image=site.images.simulators,
        command=_COMMAND,
        port=PROBE_PORT,
        overlap=False,  # two cameras would see two cars in one bay
        stop_seconds=15,  # what waits to be sent gets 5 s
        cpu="50m",
        memory="256Mi",
        extra_labels={GROUP_LABEL: str(number)},
    )


def simulated_cameras(lot: ParkingLot) -> tuple[SimulatedCamera, ...]:
    """Give every camera its bays; the last ones are those that fall silent."""
    settings = lot.spec.cameras
    silent_from = settings.count - settings.faults.silent_cameras
    taken = frozenset(arrival_bays(lot))
    return tuple(
        SimulatedCamera(
            camera_id=_camera_id(place),
            bays=tuple(bay for bay in bays if bay not in taken),
            silent=place >= silent_from,
        )
        for place, bays in enumerate(bays_of_cameras(lot.bays, settings.count))
    )


def arrival_bays(lot: ParkingLot) -> tuple[str, ...]:
    """Give the bays, the last ones, that are left to vehicles of a simulated road, which tell of themselves.

    Where real cameras produce there are none: nobody should find simulated cars among real ones.
    """
    road = lot.spec.road
    if road is None or road.source == "External" or lot.spec.cameras.source == "External":
        return ()
    count = road.bays or -(-lot.spec.layout.size // 4)
    return lot.bays[-count:]


def watched_by(lot: ParkingLot) -> dict[str, str]:
    """Give the camera that watches each bay."""
    shares = bays_of_cameras(lot.bays, lot.spec.cameras.count)
    return {bay: _camera_id(place) for place, bays in enumerate(shares) for bay in bays}


def _camera_id(place: int) -> str:
    return f"cam-{place + 1:02d}"
