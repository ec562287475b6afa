"""The Socket.IO events of version 2, as they stand in the AsyncAPI document."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from parking.session import Session


class Subscription(BaseModel):
    """What a client says in ``auth`` when it connects; nothing at all means protocol 1."""

    model_config = ConfigDict(frozen=True, strict=True)

    protocol: Annotated[Literal[1, 2], Field(description="2: snapshot, then updates and pulse")] = 1
    rows: Annotated[
        list[str] | None, Field(description="Protocol 2: updates of these rows only; all if unset", max_length=1_000)
    ] = None


class SnapshotPage(BaseModel):
    """Which part of a snapshot the gzip bytes beside it hold."""

    id: Annotated[str, Field(description="The same for all pages of a snapshot")]
    page: Annotated[int, Field(ge=1)]
    pages: Annotated[int, Field(ge=1)]


class SnapshotSessions(BaseModel):
    """What the gzip bytes beside a snapshot's page hold, as JSON."""

    sessions: Annotated[list[Session], Field(description="Open sessions")]
    ended: Annotated[list[Session], Field(description="Of bays without an open session, the one that ended there last")]


class Pulse(BaseModel):
    """How the gateway is."""

    now: Annotated[int, Field(description="Unix ms of the gateway")]
    ready: Annotated[bool, Field(description="The table is rebuilt and the broker answers")]
    reason: Annotated[str, Field(description="Why it is not ready")]
    lag: Annotated[int, Field(ge=0, description="Records not read yet")]
    newest_arrival: Annotated[int | None, Field(description="Unix ms of the newest sighting of any car; null if none")]


class RequestError(BaseModel):
    """What was wrong with a request."""

    error: str


class Lagging(BaseModel):
    """Why the client is dropped."""

    reason: str


class RequestLocation(BaseModel):
    """Which bay is asked for."""

    location_id: Annotated[str, Field(examples=["A7"])]
