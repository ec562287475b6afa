"""What each program is told: its slice of the lot, mounted as one JSON document.

A program restarts when its document changes, so each holds only what that program needs.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError

from parking.errors import InvalidInputError, ParkingError
from parking.lot import Delivery, Engine, Faults, Layout, OtherLot, ParkingLot, Topics
from parking.model import Model, problems_of
from parking.quantity import Duration
from parking.road_spec import Road, RoutePoint
from parking.tariff import Tariff


class Document(Model):
    """A program's slice of the lot."""

    lot: str
    bootstrap_servers: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a document from a file; raises ParkingError."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise ParkingError(f"--config: {path} cannot be read: {error.strerror}") from error
        except ValidationError as error:
            raise InvalidInputError(str(path), problems_of(error)) from error


class SessionJobDocument(Document):
    """What the session job is told."""

    engine: Engine
    delivery: Delivery
    bays: tuple[str, ...]
    tariff: Tariff
    topics: Topics
    timeout_seconds: int
    max_clock_skew_seconds: int
    trigger: Duration
    shards: int
    max_events_per_trigger: int
    checkpoint: Annotated[
        str, Field(description="URI or path of the checkpoint folder, this lot's alone; empty with an engine without")
    ]

    @property
    def group(self) -> str:
        """Consumer group in which the job, whatever its engine, keeps how far it has read the raw topic."""
        return f"parking-{self.lot}-sessions-{self.topics.raw}"

    @classmethod
    def of(cls, lot: ParkingLot, *, bootstrap_servers: str, checkpoint: str) -> Self:
        """Cut the slice out of a lot."""
        sessions = lot.spec.sessions
        return cls(
            lot=lot.name,
            bootstrap_servers=bootstrap_servers,
            engine=sessions.engine,
            delivery=sessions.delivery,
            bays=lot.bays,
            tariff=lot.spec.tariff,
            topics=lot.spec.topics,
            timeout_seconds=sessions.timeout_seconds,
            max_clock_skew_seconds=sessions.max_clock_skew_seconds,
            trigger=sessions.trigger,
            shards=sessions.shards,
            max_events_per_trigger=sessions.max_events_per_trigger,
            checkpoint=checkpoint,
        )


class SimulatedCamera(Model):
    """One camera and the bays it watches."""

    camera_id: str
    bays: tuple[str, ...]
    silent: bool = False


def sighting_interval(event_interval: timedelta, timeout_seconds: int) -> timedelta:
    """Say how often a car is reported: often enough that silence of a whole timeout means something."""
    return min(event_interval, timedelta(seconds=timeout_seconds) // 3)


class CamerasDocument(Document):
    """What one group of simulated cameras is told."""

    topic: str
    cameras: tuple[SimulatedCamera, ...]
    all_bays: Annotated[tuple[str, ...], Field(description="Every bay of the lot: a bay's place in it seeds its cars")]
    seed: int
    event_interval: Duration
    exit_interval: Duration
    timeout_seconds: int
    duration_minutes: int | None = None
    faults: Faults = Faults()

    @classmethod
    def of(cls, lot: ParkingLot, cameras: tuple[SimulatedCamera, ...], *, bootstrap_servers: str) -> Self:
        """Cut the slice of some of a lot's cameras out of it."""
        settings = lot.spec.cameras
        return cls(
            lot=lot.name,
            bootstrap_servers=bootstrap_servers,
            topic=lot.spec.topics.raw,
            cameras=cameras,
            all_bays=lot.bays,
            seed=settings.seed,
            event_interval=settings.event_interval,
            exit_interval=settings.exit_interval,
            timeout_seconds=lot.spec.sessions.timeout_seconds,
            duration_minutes=settings.duration_minutes,
            faults=settings.faults,
        )

    @property
    def sighting_interval(self) -> timedelta:
        """How often a car is reported."""
        return sighting_interval(self.event_interval, self.timeout_seconds)


class BayRow(Model):
    """A row of the lot and its bays."""

    name: str
    bays: tuple[str, ...]


def rows_of(layout: Layout) -> tuple[BayRow, ...]:
    """Give the rows of a layout."""
    return tuple(BayRow(name=name, bays=bays) for name, bays in layout.by_row)


class GatewayRoad(Model):
    """What the gateway shows of the road to its lot."""

    gps_topic: str
    emergency_topic: str
    route: tuple[RoutePoint, ...]
    report_interval: Duration


class GatewayDocument(Document):
    """What the gateway is told."""

    rows: tuple[BayRow, ...]
    tariff: Tariff
    topic: str
    timeout_seconds: int
    time_zone: str = "UTC"
    max_stay_seconds: int | None = None
    other_lots: tuple[OtherLot, ...] = ()
    road: GatewayRoad | None = None

    @property
    def bays(self) -> tuple[str, ...]:
        """Names of all bays, in the order of the layout."""
        return tuple(bay for row in self.rows for bay in row.bays)

    @classmethod
    def of(cls, lot: ParkingLot, *, bootstrap_servers: str) -> Self:
        """Cut the slice out of a lot."""
        return cls(
            lot=lot.name,
            bootstrap_servers=bootstrap_servers,
            rows=rows_of(lot.spec.layout),
            tariff=lot.spec.tariff,
            topic=lot.spec.topics.processed,
            timeout_seconds=lot.spec.sessions.timeout_seconds,
            time_zone=lot.spec.time_zone,
            max_stay_seconds=lot.spec.max_stay and -(-lot.spec.max_stay // timedelta(seconds=1)),
            other_lots=lot.spec.gateway.other_lots,
            road=_shown(lot.spec.road),
        )


def _shown(road: Road | None) -> GatewayRoad | None:
    if road is None:
        return None
    topics = {"gps_topic": road.topics.gps, "emergency_topic": road.topics.emergency}
    return GatewayRoad(**topics, route=road.route, report_interval=road.report_interval)
