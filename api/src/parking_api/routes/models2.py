"""The REST shapes of version 2, as they stand in the OpenAPI document."""

from typing import Annotated

from pydantic import BaseModel, Field

from parking.session import Session

Unix = Annotated[int, Field(description="Unix seconds", examples=[1_795_341_600])]
Money = Annotated[int, Field(description="Whole units of the currency", examples=[20_000])]
Currency = Annotated[str, Field(description="ISO 4217", examples=["VND"])]
Counts = Annotated[list[int], Field(description="One number for each step", examples=[[3, 0, 5]])]


class Tariff(BaseModel):
    """What parking costs."""

    currency: Currency
    block_seconds: Annotated[int, Field(examples=[600])]
    block_price: Money


class Row(BaseModel):
    """A row of bays."""

    name: Annotated[str, Field(examples=["A"])]
    bays: Annotated[list[str], Field(examples=[["A1", "A2"]])]


class OtherLot(BaseModel):
    """Another lot's dashboard."""

    name: Annotated[str, Field(examples=["north"])]
    url: Annotated[str, Field(examples=["https://north.example.org/"])]


class Lot(BaseModel):
    """What does not change while the gateway runs."""

    lot: Annotated[str, Field(examples=["central"])]
    time_zone: Annotated[str, Field(description="IANA name", examples=["Asia/Ho_Chi_Minh"])]
    tariff: Tariff
    timeout_seconds: Annotated[int, Field(description="Silence after which a session ends", examples=[30])]
    max_stay_seconds: Annotated[int | None, Field(description="Longer than so a car overstays", examples=[86_400])]
    rows: list[Row]
    other_lots: list[OtherLot]
    has_road: Annotated[bool, Field(description="Whether /api/v2/road tells of vehicles on their way")]


Latitude = Annotated[float, Field(description="Degrees north, WGS84", examples=[10.7721])]
Longitude = Annotated[float, Field(description="Degrees east, WGS84", examples=[106.6983])]
Reported = Annotated[int, Field(description="Unix ms of the newest report", examples=[1_795_342_354_120])]


class OnTheWay(BaseModel):
    """A vehicle on its way to the lot."""

    device_id: Annotated[str, Field(examples=["veh-00042"])]
    vehicle_type: Annotated[str, Field(examples=["private"])]
    latitude: Latitude
    longitude: Longitude
    speed: Annotated[float, Field(description="km/h over ground", examples=[32.5])]
    direction: Annotated[float, Field(description="Degrees clockwise from north", examples=[141.0])]
    reported: Reported


class Incident(BaseModel):
    """What has happened on the road and is not over."""

    incident_id: Annotated[str, Field(examples=["inc-7"])]
    type: Annotated[str, Field(examples=["Accident"])]
    latitude: Latitude
    longitude: Longitude
    description: str
    reported: Reported


class Road(BaseModel):
    """The road to the lot as of now."""

    route: Annotated[list[tuple[float, float]], Field(description="[latitude, longitude] of each point, the lot last")]
    report_interval_seconds: Annotated[float, Field(description="How often a vehicle reports", examples=[2])]
    now: Annotated[int, Field(description="The gateway's clock, unix ms", examples=[1_795_342_354_500])]
    vehicles: list[OnTheWay]
    incidents: list[Incident]


class History(BaseModel):
    """A page of ended sessions, the newest end first."""

    sessions: list[Session]
    next: Annotated[str | None, Field(description="Cursor of the following page", examples=["1795342354-6c1f0d9a8b7e"])]


class FeeStep(BaseModel):
    """Blocks of one price, and what they come to."""

    blocks: Annotated[int, Field(examples=[2])]
    block_seconds: Annotated[int, Field(examples=[600])]
    block_price: Money
    amount: Money


class Fee(BaseModel):
    """A price explained."""

    currency: Currency
    total: Money
    steps: list[FeeStep]
    next_step_at: Annotated[int | None, Field(description="Unix seconds from which on it is more; null once ended")]


class SessionDetail(BaseModel):
    """A session and its fee; of an open one as of now."""

    session: Session
    fee: Fee


class Series(BaseModel):
    """Columns by time; each has one entry for each step."""

    entries: Counts
    exits: Counts
    revenue: Counts
    median_stay: Annotated[
        list[int | None], Field(description="Seconds; null where none ended", examples=[[640, None]])
    ]
    occupied: Annotated[list[int], Field(description="Open sessions at the end of the step", examples=[[17, 20]])]


class Totals(BaseModel):
    """The same over all steps."""

    entries: int
    exits: int
    revenue: Money
    median_stay: Annotated[int | None, Field(description="Seconds; null if none ended")]
    turnover: Annotated[float, Field(description="Ended sessions per bay", examples=[1.7])]


class Figures(BaseModel):
    """What happened between two moments, step by step."""

    from_: Annotated[int, Field(alias="from", description="Unix seconds, a whole minute", examples=[1_795_341_600])]
    to: Unix
    step: Annotated[int, Field(description="Seconds", examples=[3_600])]
    currency: Currency
    bays: Annotated[int, Field(description="Bays of the lot", examples=[60])]
    series: Series
    totals: Totals
