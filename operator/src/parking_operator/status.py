"""The status of a lot: conditions in the Kubernetes convention, and what people look at first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from parking.lot import ParkingLot
from parking.model import Model
from parking_operator.render.labels import CAMERA, selector

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Give the time by the wall clock, in UTC."""
    return datetime.now(UTC)


class ConditionType(StrEnum):
    """What a lot's conditions speak about."""

    TOPICS_READY = "TopicsReady"
    SESSION_JOB_READY = "SessionJobReady"
    CAMERAS_READY = "CamerasReady"
    GATEWAY_READY = "GatewayReady"
    LAKE_READY = "LakeReady"
    ROAD_READY = "RoadReady"
    READY = "Ready"


class Reason(StrEnum):
    """Why a condition is as it is; part of the API."""

    READY = "Ready"
    """All children do their work."""
    EXTERNAL = "External"
    """Nothing to run here: real cameras produce."""
    SUSPENDED = "Suspended"
    """The lot is suspended: cameras and job are stopped on purpose."""
    NOT_APPLIED = "NotApplied"
    """A child could not be made, changed or removed; the message has the refusal."""
    MISSING = "Missing"
    """A child is not there yet, or not any more."""
    INVALID = "Invalid"
    """The spec contradicts itself in a way that the API server cannot see; children stay as they are."""
    CONFLICT = "Conflict"
    """An older lot has one of the topics; nothing of this lot is touched."""
    NOT_INSTALLED = "NotInstalled"
    """The cluster does not know a child's kind: the operator that brings it is not installed."""
    STALLED = "Stalled"
    """A child runs, and has stopped to make progress."""
    FAILING = "Failing"
    """A child is there and tells of an error of its own."""
    PROGRESSING = "Progressing"
    """A child is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be said about one condition now."""

    ready: bool
    reason: Reason
    message: str


class Condition(Model):
    """A verdict with the time since when it holds."""

    type: ConditionType
    status: Literal["True", "False"]
    reason: Reason
    message: str
    last_transition_time: Annotated[str, Field(description="Since when the status is as it is; UTC, ISO 8601")]
    observed_generation: int


class CamerasStatus(Model):
    """What the scale subresource reads."""

    replicas: int
    selector: str


class GatewayStatus(Model):
    """Where dashboards find the lot."""

    url: str


class LotStatus(Model):
    """What is reported about a lot."""

    observed_generation: int
    conditions: tuple[Condition, ...]
    bays: Annotated[int, Field(description="Number of bays")] = 0
    cameras: CamerasStatus
    gateway: GatewayStatus
    topics: Annotated[tuple[str, ...], Field(description="Topics that exist, also those of former names")] = ()

    def condition(self, kind: ConditionType) -> Condition:
        """Give one condition."""
        return next(condition for condition in self.conditions if condition.type == kind)

    def has(self, kind: ConditionType) -> bool:
        """Whether there is this condition; a lot without a road has none of it."""
        return any(condition.type == kind for condition in self.conditions)

    @property
    def is_ready(self) -> bool:
        """Whether the whole lot is ready."""
        return self.condition(ConditionType.READY).status == "True"

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way any more: every component is ready, or rests on purpose."""
        return all(condition.status == "True" or condition.reason is Reason.SUSPENDED for condition in self.conditions)


def status_of(
    lot: ParkingLot,
    verdicts: Mapping[ConditionType, Verdict],
    *,
    gateway_url: str,
    topics: Iterable[str],
    previous: LotStatus | None,
    now: datetime,
) -> LotStatus:
    """Put a lot's status together."""
    before = previous.conditions if previous else ()
    generation = lot.metadata.generation
    return LotStatus(
        observed_generation=generation,
        conditions=tuple(
            condition_of(kind, verdict, previous=before, generation=generation, now=now)
            for kind, verdict in verdicts.items()
        ),
        bays=lot.spec.layout.size,
        cameras=CamerasStatus(
            replicas=lot.spec.cameras.count,
            selector=",".join(f"{name}={value}" for name, value in selector(lot, CAMERA).items()),
        ),
        gateway=GatewayStatus(url=gateway_url),
        topics=tuple(sorted(topics)),
    )


def invalid_status(lot: ParkingLot, message: str, *, previous: LotStatus | None, now: datetime) -> LotStatus:
    """Say that a spec cannot be put into effect; all else stays as it was told last.

    ``lot`` stands for the refused one: its metadata count, and its spec only when nothing was ever told.
    """
    verdicts = {ConditionType.READY: Verdict(ready=False, reason=Reason.INVALID, message=message)}
    told = status_of(lot, verdicts, gateway_url="", topics=(), previous=previous, now=now)
    if previous is None:
        return told.model_copy(update={"bays": 0, "cameras": told.cameras.model_copy(update={"replicas": 0})})
    others = tuple(condition for condition in previous.conditions if condition.type != ConditionType.READY)
    update = {"observed_generation": told.observed_generation, "conditions": (*others, *told.conditions)}
    return previous.model_copy(update=update)


def condition_of(
    kind: ConditionType, verdict: Verdict, *, previous: Iterable[Condition], generation: int, now: datetime
) -> Condition:
    """Turn a verdict into a condition; its time moves only when the condition turns true or false."""
    last = next((condition for condition in previous if condition.type == kind), None)
    turned = last is None or (last.status == "True") != verdict.ready
    return Condition(
        type=kind,
        status="True" if verdict.ready else "False",
        reason=verdict.reason,
        message=verdict.message,
        last_transition_time=moment(now) if last is None or turned else last.last_transition_time,
        observed_generation=generation,
    )


def transitions(before: LotStatus | None, after: LotStatus) -> list[Condition]:
    """Give the conditions that have turned true or false, or are false for another reason than before."""
    known = {condition.type: condition for condition in before.conditions} if before else {}
    return [
        condition
        for condition in after.conditions
        if (last := known.get(condition.type)) is None
        or (last.status, last.reason) != (condition.status, condition.reason)
    ]


def moment(now: datetime) -> str:
    """Write a time as Kubernetes does, to the second."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
