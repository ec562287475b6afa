"""The ParkingLot resource: the one manifest that says what a car park is and how it runs."""

from itertools import groupby
from string import digits
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from parking.fields import (
    AsTuple,
    ClaimName,
    Executors,
    HttpUrl,
    Name,
    Namespace,
    Resources,
    Seed,
    TopicName,
    Uri,
    duration,
)
from parking.model import Model
from parking.quantity import Duration
from parking.road_spec import Road
from parking.tariff import Tariff

API_VERSION = "parking.dev/v1alpha1"
KIND = "ParkingLot"

ROW_PATTERN = r"^[A-Z][A-Z0-9-]{0,15}$"
Row = Annotated[str, Field(pattern=ROW_PATTERN)]
Bay = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,31}$", max_length=32)]
Probability = Annotated[float, Field(ge=0, le=1)]
Engine = Literal["Spark", "Embedded"]
Delivery = Literal["ExactlyOnce", "AtLeastOnce"]
MAX_BAYS = 100_000
MAX_ROWS = 1_000


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError("should be an IANA time zone, for example UTC or Asia/Ho_Chi_Minh") from error
    return name


class Layout(Model):
    """The bays: either rows of numbered bays, or the bays by name."""

    rows: (
        Annotated[dict[Row, Annotated[int, Field(ge=1, le=9_999)]], Field(min_length=1, max_length=MAX_ROWS)] | None
    ) = Field(default=None, description="Number of bays in each row: {A: 10} makes A1 to A10")
    bays: Annotated[tuple[Bay, ...], Field(min_length=1, max_length=MAX_BAYS), AsTuple] | None = Field(
        default=None, description="Names of the bays, upper case"
    )

    @property
    def bay_ids(self) -> tuple[str, ...]:
        """Names of all bays, in the order of the manifest."""
        return tuple(bay for _, bays in self.by_row for bay in bays)

    @property
    def by_row(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Name and bays of each row, in the order of the manifest; bays by name are in a row while they begin alike."""
        if self.rows is not None:
            return tuple((row, tuple(f"{row}{n}" for n in range(1, size + 1))) for row, size in self.rows.items())
        grouped = groupby(self.bays or (), lambda bay: bay.rstrip(digits).rstrip("-"))
        return tuple((row, tuple(bays)) for row, bays in grouped)

    @property
    def size(self) -> int:
        """Number of bays, without naming them."""
        return len(self.bays) if self.bays is not None else sum((self.rows or {}).values())


class Faults(Model):
    """What simulated cameras get wrong, as probabilities per event; all off by default."""

    duplicates: Annotated[Probability, Field(description="An event is sent twice")] = 0.0
    disorder: Annotated[Probability, Field(description="An event is sent seconds late")] = 0.0
    missed_exits: Annotated[Probability, Field(description="A car leaves unseen")] = 0.0
    misreads: Annotated[Probability, Field(description="One character of the plate is wrong")] = 0.0
    silent_cameras: Annotated[int, Field(ge=0, le=10_000, description="How many cameras send nothing at all")] = 0


class Cameras(Model):
    """The cameras, real ones elsewhere (External) or simulated here."""

    count: Annotated[int, Field(ge=1, le=10_000, description="Number of cameras; at most one per bay")] = 1
    source: Annotated[Literal["Simulated", "External"], Field(description="External: real ones produce")] = "Simulated"
    event_interval: Duration = duration("2s", "How often a camera reports each car it sees")
    exit_interval: Duration = duration("30s", "How long a simulated car stays, on average")
    cameras_per_pod: Annotated[int, Field(ge=1, le=1_000, description="Cameras that one process drives")] = 4
    seed: Annotated[Seed, Field(description="Same seed, same cars at the same times")] = 42
    duration_minutes: Annotated[int | None, Field(ge=1, le=10**7, description="Planned end: then every car leaves")] = (
        None
    )
    faults: Faults = Faults()


class Checkpoint(Model):
    """Where Spark keeps offsets and state, both of which Kafka has too; unset: the site's storage."""

    location: Annotated[Uri | None, Field(description="Folder that all pods reach, such as s3a://bucket/folder")] = None
    claim_name: Annotated[
        ClaimName | None, Field(description="PersistentVolumeClaim in the lot's namespace; lots may share it")
    ] = None


class Sessions(Model):
    """How events are folded into sessions."""

    engine: Annotated[Engine, Field(description="What runs the fold: Spark, or processes of our own")] = "Spark"
    delivery: Annotated[
        Delivery, Field(description="Embedded: whether an update may reach the topic twice; Spark: at least once")
    ] = "ExactlyOnce"
    processes: Annotated[int, Field(ge=1, le=1_000, description="Embedded: processes; at most one per partition")] = 1
    timeout_seconds: Annotated[int, Field(ge=3, le=86_400, description="Silence after which a session ends")] = 30
    max_clock_skew_seconds: Annotated[int, Field(ge=1, le=86_400, description="How far an event may be ahead")] = 60
    trigger: Duration = duration("500ms", "Pause between the starts of two micro-batches")
    shards: Annotated[int, Field(ge=1, le=1_024, description="Parts of the open sessions; never changes")] = 8
    max_events_per_trigger: Annotated[int, Field(ge=100, le=10**7, description="Size limit of a micro-batch")] = 100_000
    driver: Resources = Resources()
    executors: Executors = Executors()
    checkpoint: Checkpoint = Checkpoint()


class KafkaCluster(Model):
    """A Strimzi Kafka cluster."""

    name: Annotated[Name, Field(description="Name of the Strimzi Kafka")]
    namespace: Annotated[Namespace, Field(description="Its namespace")]


class Kafka(Model):
    """Where the topics live and how large they are."""

    cluster: KafkaCluster | None = None
    bootstrap_servers: Annotated[str | None, Field(min_length=1, description="host:port,…; unset: the site's")] = None
    partitions: Annotated[int, Field(ge=1, le=1_000, description="Partitions of raw and processed; never shrinks")] = 6
    replicas: Annotated[int, Field(ge=1, le=7, description="Copies of each partition, as far as there are brokers")] = 3
    retention: Duration = duration("7d", "How long events and ended sessions are kept")


class Topics(Model):
    """Names of the topics."""

    raw: Annotated[TopicName, Field(description="Topic of the cameras' events")] = "raw-data"
    processed: Annotated[TopicName, Field(description="Topic of the sessions")] = "processed-data"
    quarantine: Annotated[TopicName, Field(description="Topic of refused records")] = "quarantine"


class OtherLot(Model):
    """Another lot, for the dashboard to lead to."""

    name: Annotated[str, Field(min_length=1, max_length=60, description="Name to show")]
    url: Annotated[HttpUrl, Field(description="Address of its dashboard")]


class Gateway(Model):
    """The service that dashboards talk to."""

    replicas: Annotated[int, Field(ge=1, le=100, description="Gateway pods; one on this machine")] = 2
    max_replicas: Annotated[
        int | None, Field(ge=1, le=100, description="Up to how many an autoscaler may go; unset: always replicas")
    ] = None
    host: Annotated[str | None, Field(min_length=1, max_length=253, description="Public host name")] = None
    tls_secret_name: Annotated[str | None, Field(min_length=1, max_length=253, description="Secret with its key")] = (
        None
    )
    other_lots: Annotated[
        tuple[OtherLot, ...],
        Field(max_length=100, description="Lots that the dashboard leads to"),
        AsTuple,
    ] = ()


class Spec(Model):
    """What the car park is and how it runs; everything but the layout has a default."""

    layout: Layout
    time_zone: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$",
            max_length=64,
            description="IANA name, such as Asia/Ho_Chi_Minh: where a day of the lot begins, and its dashboard's times",
        ),
        AfterValidator(_known_time_zone),
    ] = "UTC"
    max_stay: Annotated[
        Duration | None, Field(description="Longer than so a car overstays; unset: as long as it likes")
    ] = None
    cameras: Cameras = Cameras()
    tariff: Tariff = Tariff()
    sessions: Sessions = Sessions()
    kafka: Kafka = Kafka()
    topics: Topics = Topics()
    gateway: Gateway = Gateway()
    road: Annotated[Road | None, Field(description="The road to the lot; unset: none")] = None
    suspend: Annotated[bool, Field(description="Stop cameras and job, keep data")] = False
    deletion_policy: Annotated[Literal["Retain", "Delete"], Field(description="What happens to the topics")] = "Retain"


class Metadata(BaseModel):
    """The parts of a Kubernetes object's metadata that the platform reads; others are kept out of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Name
    namespace: Namespace = "default"
    generation: int = 1
    uid: SkipJsonSchema[str | None] = None
    creation_timestamp: Annotated[SkipJsonSchema[str | None], Field(alias="creationTimestamp")] = None


class ParkingLot(Model):
    """A car park."""

    model_config = ConfigDict(extra="ignore")

    api_version: Literal["parking.dev/v1alpha1"]
    kind: Literal["ParkingLot"]
    metadata: Metadata
    spec: Spec

    @property
    def name(self) -> str:
        """Name of the lot, as it stands in every session record."""
        return self.metadata.name

    @property
    def uses_spark(self) -> bool:
        """Whether any of its programs runs on Spark."""
        return self.spec.sessions.engine == "Spark" or self.spec.road is not None

    @property
    def bays(self) -> tuple[str, ...]:
        """Names of all bays."""
        return self.spec.layout.bay_ids
