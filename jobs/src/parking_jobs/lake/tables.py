"""The tables of the lake: columns with their units, how they are partitioned and sorted. Pure; the only place.

Names are those on the wire in the spelling of SQL: ``deviceId`` is ``device_id``, a location is ``latitude`` and
``longitude``, and ``timestamp``, a reserved word, is ``event_time``. All times are instants, UTC.
"""

from dataclasses import dataclass
from typing import NamedTuple

from parking.road import RoadTopic


class Column(NamedTuple):
    """A column; ``type`` is Spark's name for it, the same in Athena but for the spelling."""

    name: str
    type: str
    comment: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table, partitioned by the day of ``day``, each file sorted by ``sort``; ``key`` names a row."""

    name: str
    columns: tuple[Column, ...]
    key: str
    day: str
    sort: tuple[str, ...]
    upserted: bool = False
    """Whether a newer version of a row takes the place of the older one."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)


_IDENTITY = (
    Column("id", "string", "Of this record alone"),
    Column("device_id", "string", "Device of the vehicle"),
    Column("event_time", "timestamp", "When it was measured"),
)
_PLACE = (
    Column("latitude", "double", "Degrees north, WGS84"),
    Column("longitude", "double", "Degrees east, WGS84"),
)
_MOTION = (
    Column("speed", "double", "km/h over ground"),
    Column("direction", "double", "Degrees clockwise from north"),
)
ORIGIN = (
    Column("kafka_partition", "int", "Partition of the topic that the record came from"),
    Column("kafka_offset", "bigint", "Its offset there"),
    Column("arrival", "timestamp", "When the broker took it"),
)
"""The last columns of every table: they tell which record a row is."""


def _road(name: str, *columns: Column) -> Table:
    return Table(name, (*_IDENTITY, *columns, *ORIGIN), key="id", day="event_time", sort=("device_id", "event_time"))


ROAD: dict[RoadTopic, Table] = {
    RoadTopic.VEHICLE: _road(
        "vehicle",
        *_PLACE,
        *_MOTION,
        Column("make", "string", "Maker"),
        Column("model", "string", "Model"),
        Column("year", "int", "Year of construction"),
        Column("fuel_type", "string", "Petrol, Diesel, Electric, Hybrid, …"),
        Column("license_plate", "string", "Joins it to sessions", required=False),
    ),
    RoadTopic.GPS: _road(
        "gps",
        *_PLACE,
        Column("accuracy", "double", "Radius in metres, 68 % confidence"),
        *_MOTION,
        Column("vehicle_type", "string", "private, taxi, delivery, …"),
    ),
    RoadTopic.TRAFFIC: _road(
        "traffic",
        Column("camera_id", "string", "Camera of the road"),
        *_PLACE,
        Column("snapshot_type", "string", "image/jpeg or image/png", required=False),
        Column("snapshot_data", "binary", "The picture, if it came in the record", required=False),
        Column("snapshot_uri", "string", "Object that holds it, if it did not", required=False),
    ),
    RoadTopic.WEATHER: _road(
        "weather",
        *_PLACE,
        Column("temperature", "double", "°C"),
        Column("weather_condition", "string", "Clear, Cloudy, Rain, Storm, Fog, …"),
        Column("precipitation", "double", "mm/h"),
        Column("wind_speed", "double", "m/s"),
        Column("humidity", "double", "Relative, percent"),
        Column("air_quality_index", "double", "US EPA scale"),
    ),
    RoadTopic.EMERGENCY: _road(
        "emergency",
        Column("incident_id", "string", "The same for all who report it", required=False),
        Column("type", "string", "Accident, Fire, Medical, Police, None"),
        *_PLACE,
        Column("status", "string", "Active or Resolved"),
        Column("description", "string", "In words"),
    ),
}

SESSIONS = Table(
    "sessions",
    (
        Column("session_id", "string", "Hash of lot, plate, location and start"),
        Column("lot", "string", "Lot"),
        Column("license_plate", "string", "Plate"),
        Column("location", "string", "Bay"),
        Column("start_time", "timestamp", "First event"),
        Column("end_time", "timestamp", "Newest event"),
        Column("duration", "bigint", "Seconds from start to end"),
        Column("cost", "bigint", "Whole units of currency"),
        Column("currency", "string", "ISO 4217"),
        Column("status", "string", "ACTIVE, CLOSED or TIMEOUT"),
        Column("version", "bigint", "Grows with every update"),
        Column("last_updated", "timestamp", "When the broker took its newest event"),
        *ORIGIN,
    ),
    key="session_id",
    day="start_time",
    sort=("license_plate", "start_time"),
    upserted=True,
)

QUARANTINE = Table(
    "quarantine",
    (
        Column("topic", "string", "Topic of the record"),
        Column("reason", "string", "Why it was refused"),
        Column("field", "string", "What is wrong; empty: all of it"),
        Column("detail", "string", "In words"),
        Column("key", "binary", "Key as it was sent", required=False),
        Column("value", "binary", "Value as it was sent", required=False),
        *ORIGIN,
    ),
    key="kafka_offset",
    day="arrival",
    sort=("topic", "arrival"),
)

ALL = (*ROAD.values(), SESSIONS, QUARANTINE)

KEPT_SNAPSHOTS = 20
"""So many of a table's newest snapshots stay, however old: they tell how far it has been written."""
_PROPERTIES = {
    "format-version": "2",  # what Athena, Trino, DuckDB and Redshift read alike
    "write.distribution-mode": "none",  # a commit is one file of a day; a shuffle would only take time
    "write.target-file-size-bytes": str(256 * 1024 * 1024),
    "write.metadata.delete-after-commit.enabled": "true",  # a commit every few seconds is 8,640 metadata files a day
    "write.metadata.previous-versions-max": "20",
    "write.merge.mode": "merge-on-read",
    "write.metadata.metrics.default": "truncate(16)",
    "commit.retry.num-retries": "10",  # the upkeep commits to the same tables
    "history.expire.min-snapshots-to-keep": str(KEPT_SNAPSHOTS),
}


def create_statement(table: Table, qualified: str) -> str:
    """Give the SQL that makes a table unless it is there."""
    columns = ", ".join(
        f"`{column.name}` {column.type}{' NOT NULL' if column.required else ''} COMMENT '{column.comment}'"
        for column in table.columns
    )
    properties = ", ".join(f"'{name}' = '{value}'" for name, value in _PROPERTIES.items())
    return (
        f"CREATE TABLE IF NOT EXISTS {qualified} ({columns}) USING iceberg "
        f"PARTITIONED BY (days({table.day})) TBLPROPERTIES ({properties})"
    )


def order_statement(table: Table, qualified: str) -> str:
    """Give the SQL that tells how files are sorted when they are put together."""
    return f"ALTER TABLE {qualified} WRITE LOCALLY ORDERED BY {', '.join(table.sort)}"
