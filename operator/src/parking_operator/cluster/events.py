"""Events on a lot: one for each turn that people should hear of."""

import uuid
from collections.abc import Iterator
from datetime import datetime

from parking.lot import ParkingLot
from parking_operator.objects import Manifest
from parking_operator.status import Condition, ConditionType, LotStatus, Reason, moment, transitions

_EXPECTED = {Reason.PROGRESSING, Reason.MISSING, Reason.SUSPENDED}
"""Reasons not to be ready that belong to the normal course of things."""
_LONGEST_MESSAGE = 1024


def notable(before: LotStatus | None, after: LotStatus) -> Iterator[tuple[Condition, bool]]:
    """Give what to tell of a change of status, and whether it is trouble: every turn of Ready, and what goes wrong."""
    for condition in transitions(before, after):
        trouble = condition.status != "True" and condition.reason not in _EXPECTED
        if trouble or condition.type == ConditionType.READY:
            yield condition, trouble


def event(lot: ParkingLot, reason: str, message: str, *, trouble: bool, now: datetime) -> Manifest:
    """Build an Event about a lot."""
    name, namespace, uid = lot.name, lot.metadata.namespace, lot.metadata.uid
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{name}.{uuid.uuid4().hex[:16]}", "namespace": namespace},
        "involvedObject": {
            "apiVersion": lot.api_version,
            "kind": lot.kind,
            "namespace": namespace,
            "name": name,
            "uid": uid,
        },
        "type": "Warning" if trouble else "Normal",
        "reason": str(reason),
        "message": message[:_LONGEST_MESSAGE],
        "source": {"component": "parking-operator"},
        "reportingComponent": "parking-operator",
        "firstTimestamp": moment(now),
        "lastTimestamp": moment(now),
        "count": 1,
    }
