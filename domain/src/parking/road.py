"""What vehicles on the road to the lot report: the records of five topics, and why one is refused.

Wire names are those of the fields' aliases. Key of every record is its ``deviceId``, so that all that one vehicle
reports on a topic is in one partition. Times are ISO 8601 with a zone, UTC when we write them; positions are WGS84.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

MAX_RECORD_BYTES = 1_000_000
"""What a broker takes by default. A larger snapshot goes to a store, and its record says where."""
MAX_CLOCK_SKEW_SECONDS = 60
"""How far a record may be ahead of the broker: a day that has not begun would open a partition of the lake."""
_FIRST_YEAR = 2000


class RoadTopic(StrEnum):
    """The five kinds of records, named as the topics are by default."""

    VEHICLE = "vehicle_data"
    GPS = "gps_data"
    TRAFFIC = "traffic_data"
    WEATHER = "weather_data"
    EMERGENCY = "emergency_data"


def _utc(value: datetime) -> datetime:
    if value.year < _FIRST_YEAR:
        raise ValueError(f"should be of the year {_FIRST_YEAR} or later")
    return value.astimezone(UTC)


def _written(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[
    AwareDatetime,
    AfterValidator(_utc),
    PlainSerializer(_written, return_type=str, when_used="json"),
    Field(description="ISO 8601 with a zone, such as 2026-01-31T08:15:00.250Z"),
]
Identity = Annotated[str, Field(min_length=1, max_length=128)]
Text = Annotated[str, Field(max_length=256)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="Degrees north, WGS84")]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="Degrees east, WGS84")]
Location = Annotated[tuple[Latitude, Longitude], Field(description="[latitude, longitude] in degrees, WGS84")]
Speed = Annotated[float, Field(ge=0, le=500, allow_inf_nan=False, description="km/h over ground")]
Direction = Annotated[float, Field(ge=0, lt=360, allow_inf_nan=False, description="Degrees clockwise from north")]


def _measure(low: float, high: float, description: str) -> object:
    return Field(ge=low, le=high, allow_inf_nan=False, description=description)


class RoadRecord(BaseModel):
    """What every record has. Unknown fields are ignored."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        serialize_by_alias=True,
    )

    id: Annotated[Identity, Field(description="Of this record alone; one sent twice is stored once")]
    device_id: Annotated[Identity, Field(description="The vehicle's device: key of the record")]
    timestamp: Timestamp


class Vehicle(RoadRecord):
    """A vehicle on its way."""

    location: Location
    speed: Speed
    direction: Direction
    make: Text
    model: Text
    year: Annotated[int, Field(ge=1900, le=2100, description="Year of construction")]
    fuel_type: Annotated[Text, Field(description="Such as Petrol, Diesel, Electric, Hybrid")]
    license_plate: Annotated[Identity | None, Field(description="What the lot's cameras read; optional")] = None


class Gps(RoadRecord):
    """What a vehicle's receiver measures."""

    latitude: Latitude
    longitude: Longitude
    accuracy: Annotated[float, _measure(0, 100_000, "Radius in metres around the position, 68 % confidence")]
    speed: Speed
    direction: Direction
    vehicle_type: Annotated[Text, Field(description="Such as private, taxi, delivery")]


class Traffic(RoadRecord):
    """A picture of a vehicle that passes a camera of the road."""

    camera_id: Identity
    location: Annotated[Location, Field(description="Of the camera: [latitude, longitude] in degrees, WGS84")]
    snapshot: Annotated[
        str,
        Field(
            pattern=r"^(data:image/(jpeg|png);base64,[A-Za-z0-9+/]+={0,2}|(s3|s3a|gs|abfss|https|file)://\S+)$",
            max_length=MAX_RECORD_BYTES,
            description="The picture: a data: URI (RFC 2397) in the record, or the URI of the object that holds it",
        ),
    ]


class Weather(RoadRecord):
    """The weather where a vehicle is."""

    location: Location
    temperature: Annotated[float, _measure(-90, 70, "°C")]
    weather_condition: Annotated[Text, Field(description="Such as Clear, Cloudy, Rain, Storm, Fog")]
    precipitation: Annotated[float, _measure(0, 500, "mm/h")]
    wind_speed: Annotated[float, _measure(0, 150, "m/s")]
    humidity: Annotated[float, _measure(0, 100, "Relative, percent")]
    air_quality_index: Annotated[float, _measure(0, 1_000, "US EPA scale, 0 to 500 and beyond")]


IncidentType = Literal["Accident", "Fire", "Medical", "Police", "None"]
IncidentStatus = Literal["Active", "Resolved"]


class Emergency(RoadRecord):
    """What a vehicle sees of an incident near it; type None: nothing."""

    incident_id: Annotated[
        Identity | None, Field(description="The same for all who report it; none with type None")
    ] = None
    type: IncidentType
    location: Annotated[Location, Field(description="Of the incident, else of the vehicle: [latitude, longitude]")]
    status: IncidentStatus
    description: Annotated[str, Field(max_length=2_000)] = ""

    @model_validator(mode="after")
    def _named(self) -> "Emergency":
        if self.type != "None" and self.incident_id is None:
            raise ValueError("incidentId is required unless type is None")
        return self


RECORDS: Mapping[RoadTopic, type[RoadRecord]] = {
    RoadTopic.VEHICLE: Vehicle,
    RoadTopic.GPS: Gps,
    RoadTopic.TRAFFIC: Traffic,
    RoadTopic.WEATHER: Weather,
    RoadTopic.EMERGENCY: Emergency,
}


class RoadRefusal(StrEnum):
    """Why a record of the road went to quarantine; part of the contract."""

    NOT_JSON = "NOT_JSON"
    MISSING_FIELD = "MISSING_FIELD"
    INVALID_FIELD = "INVALID_FIELD"
    CLOCK_SKEW = "CLOCK_SKEW"
    TOO_LARGE = "TOO_LARGE"


class RoadRefusedError(ValueError):
    """A record that is none: the ``reason``, the ``field`` it is about ("" for the whole), a ``detail``."""

    def __init__(self, reason: RoadRefusal, field: str, detail: str) -> None:
        self.reason, self.field, self.detail = reason, field, detail
        super().__init__(f"{reason}: {field or 'record'}: {detail}")


def parse_record(topic: RoadTopic, value: bytes | None, arrival: float) -> RoadRecord:
    """Read a record's value that a broker took at ``arrival`` (unix seconds); raises RoadRefusedError."""
    if value is not None and len(value) > MAX_RECORD_BYTES:
        raise RoadRefusedError(RoadRefusal.TOO_LARGE, "", f"{len(value)} bytes; at most {MAX_RECORD_BYTES}")
    try:
        record = RECORDS[topic].model_validate_json(value or b"")
    except ValidationError as error:
        raise refusal_of(error) from None
    ahead = record.timestamp.timestamp() - arrival
    if ahead > MAX_CLOCK_SKEW_SECONDS:
        detail = f"{ahead:.0f} s ahead of the broker; at most {MAX_CLOCK_SKEW_SECONDS} s"
        raise RoadRefusedError(RoadRefusal.CLOCK_SKEW, "timestamp", detail)
    return record


def refusal_of(error: ValidationError) -> RoadRefusedError:
    """Say in our words what pydantic found first."""
    first = error.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"]))
    if first["type"] in {"json_invalid", "model_type", "model_attributes_type"}:
        return RoadRefusedError(RoadRefusal.NOT_JSON, "", first["msg"])
    if first["type"] == "missing" or (first["input"] is None and field):
        return RoadRefusedError(RoadRefusal.MISSING_FIELD, field, "required")
    shown = f"{str(first['input'])[:60]!r}; " if field else ""
    return RoadRefusedError(RoadRefusal.INVALID_FIELD, field, shown + first["msg"].removeprefix("Value error, "))
