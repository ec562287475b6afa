"""What the programs of the road are told: the simulator of its vehicles, and the job that fills the lake."""

from typing import Annotated, Literal, Self

from pydantic import Field

from parking.documents import Document, sighting_interval
from parking.lot import ParkingLot
from parking.model import Model
from parking.quantity import Duration
from parking.road_spec import Road, RoadTopics, RoutePoint, Snapshots


class ArrivalBay(Model):
    """A bay that vehicles of the road park in, and the camera that watches it."""

    bay: str
    camera_id: str


class RoadDocument(Document):
    """What the simulator of the road is told."""

    topics: RoadTopics
    route: tuple[RoutePoint, ...]
    vehicles: int
    report_interval: Duration
    seed: int
    snapshots: Snapshots
    s3_endpoint: str | None = None
    s3_region: str | None = None
    s3_path_style: bool = False
    raw_topic: Annotated[str, Field(description="Topic of the lot's cameras, for vehicles that have arrived")]
    bays: tuple[ArrivalBay, ...]
    sighting_interval: Duration
    mean_stay: Duration

    @classmethod
    def of(cls, lot: ParkingLot, road: Road, bays: tuple[ArrivalBay, ...], *, bootstrap_servers: str) -> Self:
        """Cut the slice out of a lot with this road."""
        cameras, s3 = lot.spec.cameras, road.lake.s3
        return cls(
            lot=lot.name,
            bootstrap_servers=bootstrap_servers,
            topics=road.topics,
            route=road.route,
            vehicles=road.vehicles,
            report_interval=road.report_interval,
            seed=road.seed,
            snapshots=road.snapshots,
            s3_endpoint=s3.endpoint,
            s3_region=s3.region,
            s3_path_style=s3.path_style,
            raw_topic=lot.spec.topics.raw,
            bays=bays,
            sighting_interval=sighting_interval(cameras.event_interval, lot.spec.sessions.timeout_seconds),
            mean_stay=cameras.exit_interval,
        )


class CatalogueAddress(Model):
    """Where the tables are known: ``uri`` is a JDBC address (Embedded) or an HTTP one (REST)."""

    type: Literal["Embedded", "REST", "Glue"]
    uri: str | None = None
    namespace: str


class LakeDocument(Document):
    """What the lake's job and its upkeep are told."""

    topics: RoadTopics
    processed_topic: str
    warehouse: Annotated[str, Field(description="URI or path of the folder of all tables")]
    catalogue: CatalogueAddress
    s3_endpoint: str | None = None
    s3_region: str | None = None
    s3_path_style: bool = False
    trigger: Duration
    window: Duration
    max_records_per_trigger: int
    keep_snapshots: Duration

    @classmethod
    def of(cls, lot: ParkingLot, road: Road, *, bootstrap_servers: str, storage: str) -> Self:
        """Cut the slice out of a lot with this road; ``storage`` is a folder of the lot's own, as a path."""
        lake, asked = road.lake, road.lake.catalogue
        embedded = f"jdbc:sqlite:{storage}/catalogue.db" if asked.type == "Embedded" else None
        return cls(
            lot=lot.name,
            bootstrap_servers=bootstrap_servers,
            topics=road.topics,
            processed_topic=lot.spec.topics.processed,
            warehouse=(lake.warehouse or f"{storage}/warehouse").rstrip("/"),
            catalogue=CatalogueAddress(
                type=asked.type, uri=embedded or asked.uri, namespace=asked.namespace or lot.name.replace("-", "_")
            ),
            s3_endpoint=lake.s3.endpoint,
            s3_region=lake.s3.region,
            s3_path_style=lake.s3.path_style,
            trigger=lake.trigger,
            window=lake.window,
            max_records_per_trigger=lake.max_records_per_trigger,
            keep_snapshots=road.upkeep.keep_snapshots,
        )
