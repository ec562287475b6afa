"""A parking session as it travels on the processed topic: the state of one stay after one more event."""

from enum import StrEnum
from hashlib import blake2b
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class SessionStatus(StrEnum):
    """Life of a session: open, ended by an EXITING event, or ended by silence."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"
    TIMEOUT = "TIMEOUT"


class Session(BaseModel):
    """One update of a session. The newest ``version`` of a ``session_id`` is the session; older ones are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    license_plate: str
    location: str
    start_time: Annotated[int, Field(description="Unix seconds of the first event")]
    end_time: Annotated[int, Field(description="Unix seconds of the newest event")]
    duration: Annotated[int, Field(ge=0, description="Seconds from start_time to end_time")]
    cost: Annotated[int, Field(ge=0, description="Price of the duration, whole units of currency")]
    status: SessionStatus
    last_updated: Annotated[int, Field(description="Unix seconds at which the broker took the newest event")]
    session_id: Annotated[str, Field(description="Hash of lot, plate, location and start_time; key of the record")]
    lot: str
    version: Annotated[
        int, Field(ge=2, description="Twice (1 + offset of the newest event in the raw topic), plus one for TIMEOUT")
    ]
    currency: str
    partition: Annotated[int, Field(ge=0, description="Partition of the raw topic that the events came from")]
    last_arrival: Annotated[int, Field(description="Broker time of the newest event, unix milliseconds")]


def session_id(lot: str, license_plate: str, location: str, start_time: int) -> str:
    """Give the id of the session that these four name: 20 hexadecimal digits, the same everywhere and always."""
    named = "\x1f".join((lot, license_plate, location, str(start_time)))
    return blake2b(named.encode(), digest_size=10).hexdigest()
