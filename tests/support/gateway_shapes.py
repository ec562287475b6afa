"""The frozen shapes of the gateway, written down by hand: what clients in the field rely on. Fields may be added."""

from typing import Any

import jsonschema

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TEXTS: Schema = {"type": "array", "items": TEXT}


def shape(**fields: Schema) -> Schema:
    """An object with at least these fields."""
    return {"type": "object", "required": list(fields), "properties": fields}


def one_of(*words: str) -> Schema:
    """One of these words."""
    return {"enum": list(words)}


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


STATISTICS = shape(
    total_locations=COUNT, busy_count=COUNT, free_count=COUNT, active_sessions=COUNT, closed_sessions_total=COUNT
)
ACTIVE_SESSION = shape(
    license_plate=TEXT, location=TEXT, start_time=WHOLE, duration=COUNT, cost=COUNT, status=one_of("ACTIVE")
)
ACTIVE_SESSIONS: Schema = {"type": "array", "items": ACTIVE_SESSION}
SESSION_RECORD = shape(
    license_plate=TEXT,
    location=TEXT,
    start_time=WHOLE,
    end_time=WHOLE,
    duration=COUNT,
    cost=COUNT,
    status=one_of("ACTIVE", "CLOSED", "TIMEOUT"),
    last_updated=WHOLE,
    session_id=TEXT,
    lot=TEXT,
    version=COUNT,
    currency=TEXT,
    partition=COUNT,
    last_arrival=WHOLE,
)
LOCATION = shape(
    status=one_of("OCCUPIED", "FREE"),
    location=TEXT,
    license_plate=or_null(TEXT),
    start_time=or_null(WHOLE),
    duration=or_null(COUNT),
    cost=or_null(COUNT),
)
PROBLEM = shape(error=TEXT)

REST: dict[str, Schema] = {
    "/api/status": {"allOf": [STATISTICS, shape(status=TEXT)]},
    "/api/statistics": STATISTICS,
    "/api/locations/free": shape(free_locations=TEXTS, count=COUNT),
    "/api/locations/busy": shape(busy_locations=TEXTS, count=COUNT),
    "/api/sessions/active": shape(active_sessions=ACTIVE_SESSIONS, count=COUNT),
    "/api/sessions/closed": shape(closed_sessions={"type": "array", "items": SESSION_RECORD}, count=COUNT),
    "/api/location/a1": LOCATION,
    "/api/location/B2": LOCATION,
}

EVENTS: dict[str, Schema] = {
    "initial_data": shape(
        active_sessions=ACTIVE_SESSIONS, statistics=STATISTICS, free_locations=TEXTS, busy_locations=TEXTS
    ),
    "parking_update": SESSION_RECORD,
    "exit_notification": shape(
        type=one_of("EXIT"),
        license_plate=TEXT,
        location=TEXT,
        duration=COUNT,
        cost=COUNT,
        timestamp=WHOLE,
        message=TEXT,
    ),
    "statistics_update": STATISTICS,
    "duration_update": shape(active_sessions=ACTIVE_SESSIONS, statistics=STATISTICS),
    "location_info": {"anyOf": [LOCATION, PROBLEM]},
}


def check(value: object, schema: Schema) -> None:
    """Raise unless a value has a shape."""
    jsonschema.validate(value, schema)
