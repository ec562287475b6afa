"""What a lot consists of at a site, as Kubernetes objects: pure, ordered and the same bytes every time."""

from parking.lot import ParkingLot
from parking_operator.objects import Manifest
from parking_operator.render.cameras import cameras
from parking_operator.render.gateway import gateway
from parking_operator.render.lake import lake
from parking_operator.render.road import road
from parking_operator.render.session_job import session_job
from parking_operator.render.topics import topics
from parking_operator.site import Site


def render(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Give a lot's children in the order in which they should be made; the reverse is the order to end them."""
    first = (*topics(lot, site), *gateway(lot, site), *session_job(lot, site))
    return (*first, *lake(lot, site), *cameras(lot, site), *road(lot, site))
