"""Records of the road as any producer may send them, numbered so that the truth about them is known."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from parking.road import RoadTopic

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_PLACE = [10.78, 106.69]
_FIELDS: dict[RoadTopic, dict[str, Any]] = {
    RoadTopic.VEHICLE: {
        "location": _PLACE,
        "speed": 40.0,
        "direction": 92.0,
        "make": "VinFast",
        "model": "VF 8",
        "year": 2025,
        "fuelType": "Electric",
        "licensePlate": "51A-123.45",
    },
    RoadTopic.GPS: {
        "latitude": 10.78,
        "longitude": 106.69,
        "accuracy": 4.5,
        "speed": 41.0,
        "direction": 91.5,
        "vehicleType": "private",
    },
    RoadTopic.TRAFFIC: {"cameraId": "km-1", "location": _PLACE, "snapshot": "data:image/jpeg;base64,/9j/4A=="},
    RoadTopic.WEATHER: {
        "location": _PLACE,
        "temperature": 31.5,
        "weatherCondition": "Rain",
        "precipitation": 4.0,
        "windSpeed": 3.5,
        "humidity": 88.0,
        "airQualityIndex": 71.0,
    },
    RoadTopic.EMERGENCY: {
        "incidentId": "inc-1",
        "type": "Accident",
        "location": _PLACE,
        "status": "Active",
        "description": "two cars",
    },
}


def record(topic: RoadTopic, number: int = 0, **changes: Any) -> bytes:
    """Encode record ``number`` of a topic, one a second from 2026-01-01 on; a field set to ... is left out."""
    common = {
        "id": f"{topic.name.lower()}-{number}",
        "deviceId": f"veh-{number % 7}",
        "timestamp": (_FIRST + timedelta(seconds=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    told = {**common, **_FIELDS[topic], **changes}
    return json.dumps({name: field for name, field in told.items() if field is not ...}).encode()


def session(number: int, version: int, **changes: Any) -> bytes:
    """Encode a version of session ``number``."""
    start = 1_769_817_600 + number
    told = {
        "license_plate": f"51A-{number:05}",
        "location": "A1",
        "start_time": start,
        "end_time": start + version,
        "duration": version,
        "cost": 10_000,
        "status": "ACTIVE",
        "last_updated": start + version,
        "session_id": f"{number:020x}",
        "lot": "central",
        "version": version,
        "currency": "VND",
        "partition": 0,
        "last_arrival": (start + version) * 1_000,
    }
    return json.dumps({**told, **changes}).encode()
