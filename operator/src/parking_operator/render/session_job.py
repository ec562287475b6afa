"""The session job, on the engine that the lot asks for; always running."""

from parking.documents import SessionJobDocument
from parking.lot import ParkingLot
from parking_operator.objects import Manifest
from parking_operator.render.access import service_account
from parking_operator.render.checkpoint import checkpoint_claim, checkpoint_of
from parking_operator.render.labels import SESSION_JOB
from parking_operator.render.network import network_policy
from parking_operator.render.pods import PROBE_PORT
from parking_operator.render.session_processes import session_processes
from parking_operator.render.spark_application import MAIN_FILE, SparkJob, spark_application
from parking_operator.render.spark_pods import Storage
from parking_operator.site import Site


def session_job(lot: ParkingLot, site: Site) -> tuple[Manifest, ...]:
    """Render the session job; nothing when the lot is suspended."""
    if lot.spec.suspend:
        return ()
    document = SessionJobDocument.of(
        lot, bootstrap_servers=site.bootstrap_servers_of(lot), checkpoint=checkpoint_of(lot, site).folder
    )
    on_spark = document.engine == "Spark"
    on_engine = _on_spark if on_spark else session_processes
    return (
        service_account(lot, site, SESSION_JOB),
        # Spark's driver and executors connect to each other on ports of Spark's choice.
        network_policy(lot, SESSION_JOB, PROBE_PORT, among_themselves=on_spark),
        *on_engine(lot, site, document),
    )


def _on_spark(lot: ParkingLot, site: Site, document: SessionJobDocument) -> tuple[Manifest, ...]:
    job = SparkJob(
        component=SESSION_JOB,
        document=document,
        main_file=MAIN_FILE,
        driver=lot.spec.sessions.driver,
        executors=lot.spec.sessions.executors,
        storage=Storage(checkpoint_of(lot, site).volumes),
    )
    *beside, application = spark_application(lot, site, job)
    return (*beside, *checkpoint_claim(lot, site), application)
