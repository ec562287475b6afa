"""The status of a lot: conditions in the Kubernetes convention, and what people look at first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from parking.model import Model


class ConditionType(StrEnum):
    """What a lot's conditions speak about."""

    TOPICS_READY = "TopicsReady"
    SESSION_JOB_READY = "SessionJobReady"
    CAMERAS_READY = "CamerasReady"
    GATEWAY_READY = "GatewayReady"
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
    cameras: CamerasStatus
    gateway: GatewayStatus

    def condition(self, kind: ConditionType) -> Condition:
        """Give one condition."""
        return next(condition for condition in self.conditions if condition.type == kind)

    @property
    def is_ready(self) -> bool:
        """Whether the whole lot is ready."""
        return self.condition(ConditionType.READY).status == "True"

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way any more: every component is ready, or rests on purpose."""
        return all(condition.status == "True" or condition.reason is Reason.SUSPENDED for condition in self.conditions)


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
        last_transition_time=_moment(now) if last is None or turned else last.last_transition_time,
        observed_generation=generation,
    )


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
