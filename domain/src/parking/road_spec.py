"""The part of a manifest about the road to the lot: what is simulated, which topics, and the lake they land in."""

from typing import Annotated, Literal

from pydantic import Field

from parking.fields import AsTuple, Executors, HttpUrl, Name, Resources, Seed, TopicName, Uri, duration
from parking.model import Model
from parking.quantity import Duration
from parking.road import RoadTopic

CRON_PATTERN = r"^(\S+\s+){4}\S+$"
AWS_ROLE_PATTERN = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+$"
AwsRole = Annotated[str, Field(pattern=AWS_ROLE_PATTERN, max_length=2_048)]


class RoutePoint(Model):
    """A point of the road."""

    lat: Annotated[float, Field(ge=-85, le=85, description="Degrees north, WGS84")]
    lon: Annotated[float, Field(ge=-180, le=180, description="Degrees east, WGS84")]


DEFAULT_ROUTE = (
    (10.8132, 106.6624),
    (10.8006, 106.6608),
    (10.7998, 106.6747),
    (10.7921, 106.6860),
    (10.7856, 106.6957),
    (10.7797, 106.6990),
    (10.7721, 106.6983),
)
"""From an airport to a market hall, 6 km through Ho Chi Minh City."""


class RoadTopics(Model):
    """Names of the road's topics."""

    vehicle: Annotated[TopicName, Field(description="Topic of vehicles")] = RoadTopic.VEHICLE.value
    gps: Annotated[TopicName, Field(description="Topic of positions")] = RoadTopic.GPS.value
    traffic: Annotated[TopicName, Field(description="Topic of pictures")] = RoadTopic.TRAFFIC.value
    weather: Annotated[TopicName, Field(description="Topic of weather")] = RoadTopic.WEATHER.value
    emergency: Annotated[TopicName, Field(description="Topic of incidents")] = RoadTopic.EMERGENCY.value

    def names(self) -> dict[RoadTopic, str]:
        """Give the name of each topic."""
        return dict(zip(RoadTopic, (self.vehicle, self.gps, self.traffic, self.weather, self.emergency), strict=True))


class S3(Model):
    """How object storage is reached; access keys come from the environment, never from a manifest."""

    endpoint: Annotated[HttpUrl | None, Field(description="Address of a server that is not AWS")] = None
    region: Annotated[str | None, Field(pattern=r"^[a-z0-9-]{1,32}$", description="Region")] = None
    path_style: Annotated[bool, Field(description="Bucket in the path and not in the host name")] = False
    credentials_secret: Annotated[
        Name | None, Field(description="Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; unset: the pods' role")
    ] = None


class Snapshots(Model):
    """Pictures that simulated cameras of the road take."""

    width: Annotated[int, Field(ge=64, le=1_920, description="Width in pixels; 3:2")] = 240
    image_format: Annotated[Literal["jpeg", "png"], Field(description="Format")] = "jpeg"
    max_inline_bytes: Annotated[
        int, Field(ge=0, le=700_000, description="Larger ones go to the store, and the record says where")
    ] = 32_768
    store: Annotated[Uri | None, Field(description="Folder of larger ones: s3://bucket/folder; unset: all inline")] = (
        None
    )
    aws_role: Annotated[AwsRole | None, Field(description="IAM role of its pods, by web identity")] = None


def is_object_storage(uri: str) -> bool:
    """Whether a folder is in S3, or what speaks like it."""
    return uri.startswith(("s3://", "s3a://"))


class Catalogue(Model):
    """What knows the lake's tables."""

    type: Annotated[
        Literal["Embedded", "REST", "Glue"], Field(description="Embedded: a file of the lot; Glue: that of AWS")
    ] = "Embedded"
    uri: Annotated[HttpUrl | None, Field(description="REST: its address; Glue: an endpoint of your own network")] = None
    namespace: Annotated[
        str | None, Field(pattern=r"^[a-z0-9_]{1,64}$", description="Database of the tables; unset: the lot's name")
    ] = None


class Lake(Model):
    """The Iceberg tables that records and sessions land in, and the Spark job that writes them."""

    warehouse: Annotated[
        Uri | None, Field(description="Folder of the tables, such as s3://bucket/folder; unset: a volume of the lot's")
    ] = None
    catalogue: Catalogue = Catalogue()
    s3: S3 = S3()
    trigger: Duration = duration("10s", "Pause between the starts of two commits to a table")
    window: Duration = duration("10m", "A record that comes again within this time is stored once")
    max_records_per_trigger: Annotated[int, Field(ge=100, le=10**7, description="Size limit of a commit")] = 200_000
    driver: Resources = Resources()
    executors: Executors = Executors()
    aws_role: Annotated[AwsRole | None, Field(description="IAM role of its pods, by web identity")] = None

    @property
    def uses_aws_clients(self) -> bool:
        """Whether its tables are in object storage or known to Glue, for which Spark needs further jars."""
        return is_object_storage(self.warehouse or "") or self.catalogue.type == "Glue"


class Upkeep(Model):
    """What keeps the lake's files few and its history short."""

    schedule: Annotated[
        str, Field(pattern=CRON_PATTERN, max_length=100, description="When: cron, five fields, UTC")
    ] = "17 * * * *"
    keep_snapshots: Duration = duration("1d", "How far back a table can be read as it was")
    aws_role: Annotated[AwsRole | None, Field(description="IAM role of its pods, by web identity")] = None


class Road(Model):
    """The road to the lot; with this block vehicles drive to it."""

    source: Annotated[Literal["Simulated", "External"], Field(description="External: real vehicles produce")] = (
        "Simulated"
    )
    vehicles: Annotated[int, Field(ge=1, le=5_000, description="Simulated vehicles on their way at once, about")] = 20
    bays: Annotated[
        int | None, Field(ge=1, le=100_000, description="Bays, the last ones, that they park in; unset: a quarter")
    ] = None
    route: Annotated[
        tuple[RoutePoint, ...], Field(min_length=2, max_length=1_000, description="From A to the lot"), AsTuple
    ] = tuple(RoutePoint(lat=lat, lon=lon) for lat, lon in DEFAULT_ROUTE)
    report_interval: Duration = duration("2s", "How often a vehicle reports")
    seed: Annotated[Seed, Field(description="Same seed, same vehicles, weather and incidents")] = 42
    snapshots: Snapshots = Snapshots()
    brokers: Annotated[int, Field(ge=1, le=5, description="Brokers that one machine starts; of 3 one may fail")] = 1
    partitions: Annotated[int, Field(ge=1, le=1_000, description="Partitions of each topic; never shrinks")] = 3
    retention: Duration = duration("2d", "How long records are kept on the topics")
    topics: RoadTopics = RoadTopics()
    lake: Lake = Lake()
    upkeep: Upkeep = Upkeep()
