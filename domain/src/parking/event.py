"""A camera event as it travels on the raw topic, and the reasons for which one is refused."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S"
"""Form of ``timestamp``: UTC, for people; ``timestamp_unix`` is what counts."""

MAX_EVENT_BYTES = 16_384
MAX_TIMESTAMP = 2**40


class StatusCode(StrEnum):
    """What a camera saw a car do."""

    ENTERING = "ENTERING"
    PARKED = "PARKED"
    MOVING = "MOVING"
    EXITING = "EXITING"


class RefusalReason(StrEnum):
    """Why a record went to quarantine; part of the contract."""

    NOT_JSON = "NOT_JSON"
    MISSING_FIELD = "MISSING_FIELD"
    MISTYPED_FIELD = "MISTYPED_FIELD"
    UNKNOWN_STATUS = "UNKNOWN_STATUS"
    UNKNOWN_BAY = "UNKNOWN_BAY"
    EMPTY_PLATE = "EMPTY_PLATE"
    CLOCK_SKEW = "CLOCK_SKEW"
    TOO_LARGE = "TOO_LARGE"


class RawEvent(BaseModel):
    """The five fields every producer sends. Unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    timestamp: Annotated[str, Field(description=f"Time of the sighting, UTC, {TIMESTAMP_FORMAT}; for people")]
    timestamp_unix: Annotated[int, Field(ge=0, le=MAX_TIMESTAMP, description="Time of the sighting, unix seconds")]
    license_plate: Annotated[str, Field(description="Plate as read; normalised by the platform")]
    location: Annotated[str, Field(description="Bay of the lot, any case")]
    status_code: Annotated[StatusCode, Field(strict=False, description="What the car does")]


class CameraEvent(RawEvent):
    """An event with the optional extras that our own cameras add."""

    lot: str | None = None
    camera_id: str | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class RefusedError(ValueError):
    """A record that is no valid event: the ``reason``, the ``field`` it is about ("" for the whole), a ``detail``."""

    def __init__(self, reason: RefusalReason, field: str, detail: str) -> None:
        self.reason, self.field, self.detail = reason, field, detail
        super().__init__(f"{reason}: {field or 'record'}: {detail}")


def parse_event(value: bytes | None) -> RawEvent:
    """Read one record's value; raises RefusedError. Bay, plate and clock are the caller's to judge."""
    if value is not None and len(value) > MAX_EVENT_BYTES:
        raise RefusedError(RefusalReason.TOO_LARGE, "", f"{len(value)} bytes; at most {MAX_EVENT_BYTES}")
    try:
        return RawEvent.model_validate_json(value or b"")
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> RefusedError:
    first = error.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"]))
    if not field:
        return RefusedError(RefusalReason.NOT_JSON, "", first["msg"])
    if first["type"] == "missing" or first["input"] is None:
        return RefusedError(RefusalReason.MISSING_FIELD, field, "required")
    if field == "status_code" and isinstance(first["input"], str):
        allowed = ", ".join(StatusCode)
        return RefusedError(RefusalReason.UNKNOWN_STATUS, field, f"{first['input'][:60]!r}; allowed: {allowed}")
    return RefusedError(RefusalReason.MISTYPED_FIELD, field, f"{str(first['input'])[:60]!r}; {first['msg']}")
