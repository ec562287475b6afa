"""The REST shapes, as they stand in the OpenAPI document."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from parking.session import Session

Plate = Annotated[str, Field(description="Licence plate", examples=["51A-123.45"])]
Bay = Annotated[str, Field(description="Name of the bay", examples=["A7"])]
Bays = Annotated[list[str], Field(description="Names of bays, in the order of the layout", examples=[["A1", "A2"]])]
Start = Annotated[int, Field(description="Unix seconds of the first sighting", examples=[1_795_341_600])]
Duration = Annotated[int, Field(description="Seconds, as of now", examples=[754])]
Cost = Annotated[int, Field(description="Price as of now, whole units of the currency", examples=[20_000])]
Count = Annotated[int, Field(description="Length of the list", examples=[2])]


class Statistics(BaseModel):
    """The five counters."""

    total_locations: Annotated[int, Field(description="Bays of the lot", examples=[60])]
    busy_count: Annotated[int, Field(description="Bays with a car", examples=[17])]
    free_count: Annotated[int, Field(description="Bays without one", examples=[43])]
    active_sessions: Annotated[int, Field(description="Open sessions", examples=[17])]
    closed_sessions_total: Annotated[int, Field(description="Sessions that ended, CLOSED or TIMEOUT", examples=[342])]


class Status(Statistics):
    """Whether the gateway runs, for which lot, and the counters."""

    status: Annotated[Literal["running"], Field(examples=["running"])]
    lot: Annotated[str, Field(description="Name of the lot", examples=["central"])]


class FreeLocations(BaseModel):
    """The bays without a car."""

    free_locations: Bays
    count: Count


class BusyLocations(BaseModel):
    """The bays with a car."""

    busy_locations: Bays
    count: Count


class ActiveSession(BaseModel):
    """An open session."""

    license_plate: Plate
    location: Bay
    start_time: Start
    duration: Duration
    cost: Cost
    status: Annotated[Literal["ACTIVE"], Field(examples=["ACTIVE"])]
    session_id: Annotated[str, Field(description="The same in every update", examples=["6c1f0d9a8b7e5a4c3d21"])]
    version: Annotated[int, Field(description="Grows with every update", examples=[8])]
    currency: Annotated[str, Field(description="ISO 4217", examples=["VND"])]
    last_arrival: Annotated[int, Field(description="Unix ms of the newest sighting", examples=[1_795_342_354_120])]


class ActiveSessions(BaseModel):
    """All open sessions, the longest stay first."""

    active_sessions: list[ActiveSession]
    count: Count


class ClosedSession(Session):
    """An ended session, the whole record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "license_plate": "51A-123.45",
                    "location": "A7",
                    "start_time": 1_795_341_600,
                    "end_time": 1_795_342_354,
                    "duration": 754,
                    "cost": 20_000,
                    "status": "CLOSED",
                    "last_updated": 1_795_342_354,
                    "session_id": "6c1f0d9a8b7e5a4c3d21",
                    "lot": "central",
                    "version": 10,
                    "currency": "VND",
                    "partition": 3,
                    "last_arrival": 1_795_342_354_120,
                }
            ]
        }
    )


class ClosedSessions(BaseModel):
    """Ended sessions, the newest first."""

    closed_sessions: list[ClosedSession]
    count: Count


class Location(BaseModel):
    """One bay; what belongs to a session is null while the bay is free."""

    status: Annotated[Literal["OCCUPIED", "FREE"], Field(examples=["OCCUPIED"])]
    location: Bay
    license_plate: Plate | None
    start_time: Start | None
    duration: Duration | None
    cost: Cost | None


class Problem(BaseModel):
    """Why there is no answer."""

    error: Annotated[str, Field(examples=["unknown location 'Z99'"])]
