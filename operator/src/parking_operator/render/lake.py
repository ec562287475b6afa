"""The lake: the job that fills its tables, and the one that looks after them; both on Spark."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from parking.lot import ParkingLot
from parking.road_documents import LakeDocument
from parking.road_spec import Road
from parking_operator.objects import Manifest
from parking_operator.render.access import service_account
from parking_operator.render.checkpoint import claim
from parking_operator.render.labels import LAKE, UPKEEP, shared_name
from parking_operator.render.network import network_policy
from parking_operator.render.pods import PROBE_PORT, Volume
from parking_operator.render.spark_application import SparkJob, scheduled_application, spark_application
from parking_operator.render.spark_pods import Storage
from parking_operator.site import Site

LAKE_FILE = "local:///opt/parking/jobs/lake_job.py"
LAKE_PATH = "/var/lib/parking/lake"


@dataclass(frozen=True, slots=True)
class LakeStorage:
    """The folder of a lot's own as its pods see it, and the claim that it is on, if any."""

    folder: str
    claim: str | None = None


def lake(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the lake of a lot with a road; nothing when the lot is suspended."""
    road = lot.spec.road
    if road is None or lot.spec.suspend:
        return ()
    kept = storage_of(lot, road, site)
    return (
        *((claim(lot, site, LAKE, kept.claim),) if kept.claim else ()),
        service_account(lot, site, LAKE, aws_role=road.lake.aws_role),
        network_policy(lot, LAKE, PROBE_PORT, among_themselves=True),
        *spark_application(lot, site, _job(lot, road, site, kept, LAKE)),
        service_account(lot, site, UPKEEP, aws_role=road.upkeep.aws_role),
        network_policy(lot, UPKEEP, PROBE_PORT, among_themselves=True),
        *scheduled_application(lot, site, _job(lot, road, site, kept, UPKEEP), road.upkeep.schedule),
    )


def storage_of(lot: ParkingLot, road: Road, site: Site) -> LakeStorage:
    """Give the folder of an embedded catalogue and of tables that are nowhere else.

    A file of a catalogue needs a file system: a folder of the site's, or a claim of the lot's own. That one goes with
    the lot, so a lake to keep has its warehouse in object storage and a catalogue that is a service.
    """
    if road.lake.warehouse and road.lake.catalogue.type != "Embedded":
        return LakeStorage("")
    if site.storage_root and not urlsplit(site.storage_root).scheme:
        return LakeStorage(f"{site.storage_root.rstrip('/')}/{lot.metadata.namespace}/{lot.name}/lake")
    return LakeStorage(LAKE_PATH, shared_name(lot, LAKE))


def _job(lot: ParkingLot, road: Road, site: Site, kept: LakeStorage, component: str) -> SparkJob:
    servers, s3 = site.bootstrap_servers_of(lot), road.lake.s3
    document = LakeDocument.of(lot, road, bootstrap_servers=servers, storage=kept.folder)
    volumes = (Volume("lake", kept.claim, LAKE_PATH),) if kept.claim else ()
    return SparkJob(
        component=component,
        document=document,
        main_file=LAKE_FILE,
        arguments=("write",) if component == LAKE else ("upkeep",),
        driver=road.lake.driver,
        # As large as those that fit, and one: the upkeep has time.
        executors=road.lake.executors.model_copy(update={} if component == LAKE else {"instances": 1}),
        storage=Storage(volumes, secret=s3.credentials_secret, region=s3.region),
        object_storage=road.lake.uses_aws_clients,
    )
