"""The questions to the lake: what Athena, Trino and DuckDB understand alike, and answers worked out by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import radians
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.qualify import qualify

from parking_jobs.lake.tables import ALL
from parking_jobs.lake.views import views

VIEWS = views()
DIALECTS = ("trino", "athena", "duckdb")
TABLES = {table.name: table for table in ALL}
SYNTAX = {exp.And, exp.Or, exp.Case, exp.Cast, exp.If}
"""What sqlglot counts among functions and is grammar of every SQL."""
FUNCTIONS = {
    *(exp.Asin, exp.Cos, exp.Floor, exp.Least, exp.Pow, exp.Radians, exp.Sin, exp.Sqrt),
    *(exp.Avg, exp.Count, exp.Max, exp.Min, exp.Sum, exp.Lag, exp.RowNumber, exp.Coalesce, exp.Nullif),
    exp.ArgMin,  # MIN_BY
    exp.TimestampTrunc,  # DATE_TRUNC
}
"""Functions that the manuals of Trino and of DuckDB both have, by the same name and with the same meaning."""
DUCKDB_TYPES = {
    "string": "VARCHAR",
    "double": "DOUBLE",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "binary": "BLOB",
    "timestamp": "TIMESTAMPTZ",  # as DuckDB reads an instant from Iceberg
}
START = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)


def parsed(text: str, dialect: str) -> exp.Expression:
    statements = [statement for statement in sqlglot.parse(text, read=dialect) if statement]
    assert len(statements) == 1
    return statements[0]


def resolved(text: str, dialect: str) -> exp.Expression:
    """Find the column that each name stands for; one that no table has is an OptimizeError."""
    schema = {name: dict.fromkeys(table.names, "VARCHAR") for name, table in TABLES.items()}
    return qualify(parsed(text, dialect), schema=schema, dialect=dialect)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def plain(minutes: float) -> datetime:
    """Give the same as it stands in an answer: UTC, without a zone."""
    return at(minutes).replace(tzinfo=None)


@pytest.fixture
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """All tables of the lake, empty."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in ALL:
            columns = ", ".join(f'"{column.name}" {DUCKDB_TYPES[column.type]}' for column in table.columns)
            connection.execute(f"CREATE TABLE {table.name} ({columns})")
        yield connection


def put(lake: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    """Store rows; of columns that a row does not name it has NULL, and an id of its own."""
    for number, row in enumerate(rows):
        values = {"id": f"{table}-{number}", **row} if "id" in TABLES[table].names else row
        places = ", ".join("?" for _ in values)
        lake.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})", list(values.values()))


def answer(lake: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    """Answer a view; its SQL for Trino, translated to DuckDB's, has to say the same."""
    asked = lake.execute(VIEWS[name].sql)
    names = [column[0] for column in asked.description or ()]
    rows = asked.fetchall()
    [translated] = sqlglot.transpile(VIEWS[name].sql, read="trino", write="duckdb")
    assert lake.execute(translated).fetchall() == rows
    return [dict(zip(names, row, strict=True)) for row in rows]


def session(plate: str, bay: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    told = {"session_id": f"{plate}-{start}", "lot": "central", "license_plate": plate, "location": bay}
    times = {"start_time": at(start), "end_time": at(end), "duration": round((end - start) * 60)}
    return {**told, **times, "cost": 0, "currency": "VND", "status": "CLOSED", **more}


def position(device: str, minutes: float, speed: float, latitude: float = 10.0, **more: Any) -> dict[str, Any]:
    place = {"latitude": latitude, "longitude": 106.0}
    return {"device_id": device, "event_time": at(minutes), "speed": speed, **place, **more}


def test_there_are_these_views_each_with_a_question() -> None:
    assert list(VIEWS) == [
        "arrivals_against_occupancy",
        "incidents_and_delay",
        "journeys",
        "revenue_per_hour",
        "speed_by_segment",
        "weather_against_speed",
    ]
    assert all(view.question.endswith("?") for view in VIEWS.values())
    assert not set(VIEWS) & set(TABLES), "a view would hide a table"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_one_select_on_columns_that_the_tables_have(name: str, dialect: str) -> None:
    told = resolved(VIEWS[name].sql, dialect)
    assert isinstance(told, exp.Select)
    assert told.named_selects == resolved(VIEWS[name].sql, "trino").named_selects
    assert len(set(told.named_selects)) == len(told.named_selects)


@pytest.mark.parametrize("name", VIEWS)
def test_tables_stand_without_a_database(name: str) -> None:
    tables = list(parsed(VIEWS[name].sql, "trino").find_all(exp.Table))
    assert {table.name for table in tables} & set(TABLES)
    assert not any(table.db or table.catalog for table in tables)


def unknown_functions(text: str) -> set[str]:
    """Name functions that are not the same in Trino and DuckDB; those that sqlglot does not know are among them."""
    kinds = {type(found) for dialect in DIALECTS for found in parsed(text, dialect).find_all(exp.Func)}
    return {kind.__name__ for kind in kinds - SYNTAX - FUNCTIONS}


@pytest.mark.parametrize("name", VIEWS)
def test_functions_are_those_that_trino_and_duckdb_share(name: str) -> None:
    assert not unknown_functions(VIEWS[name].sql)


@pytest.mark.parametrize("call", ["APPROX_PERCENTILE(speed, 0.5)", "QUANTILE_CONT(speed, 0.5)", "EPOCH_MS(event_time)"])
def test_a_function_of_one_of_them_alone_is_found(call: str) -> None:
    assert unknown_functions(f"SELECT {call} FROM gps")


def test_a_column_that_no_table_has_is_found() -> None:
    with pytest.raises(OptimizeError, match="speeed"):
        resolved(VIEWS["speed_by_segment"].sql.replace("speed,", "speeed,"), "trino")


@pytest.mark.parametrize("name", VIEWS)
def test_an_empty_lake_has_empty_answers_without_zones(name: str, lake: duckdb.DuckDBPyConnection) -> None:
    assert answer(lake, name) == []
    kinds = {str(kind) for kind in lake.sql(VIEWS[name].sql).types}
    assert kinds <= {"VARCHAR", "DOUBLE", "BIGINT", "BOOLEAN", "TIMESTAMP"}


def test_journeys(lake: duckdb.DuckDBPyConnection) -> None:
    """A degree of latitude is 6371 km in radians; at 60 degrees north one of longitude is half of it."""
    put(
        lake,
        "vehicle",
        position("d1", 0, 30, 10.00, license_plate="51A"),
        position("d1", 1, 60, 10.01, license_plate="51A"),
        position("d1", 2, 0, 10.03, license_plate="51A"),
        # Silent for 58 minutes and then elsewhere: another journey, and no kilometres in between.
        position("d1", 60, 20, 50.00, license_plate="51A"),
        position("d2", 5, 40, 60.00, longitude=-0.01),
        position("d2", 5.5, 50, 60.00, longitude=0.01),
    )
    put(
        lake,
        "sessions",
        session("51A", "A7", 11, 40),
        session("51A", "B1", -5, -1),  # before the journey
        session("51A", "B2", 12, 13),  # after its first stay
        session("51A", "B3", 71, 90),  # eleven minutes after the second journey
    )
    first, second, third = answer(lake, "journeys")
    assert first == {
        "device_id": "d1",
        "license_plate": "51A",
        "first_seen": plain(0),
        "last_seen": plain(2),
        "kilometres": pytest.approx(radians(0.03) * 6371),
        "average_speed": 30,
        "top_speed": 60,
        "parked": True,
        "bay": "A7",
        "parked_at": plain(11),
    }
    assert second["device_id"] == "d2"
    assert second["kilometres"] == pytest.approx(radians(0.02) * 6371 / 2, rel=1e-6)
    assert (second["license_plate"], second["parked"], second["bay"]) == (None, False, None)
    assert (third["device_id"], third["first_seen"], third["kilometres"]) == ("d1", plain(60), 0)
    assert (third["parked"], third["parked_at"]) == (False, None)


def test_speed_by_segment(lake: duckdb.DuckDBPyConnection) -> None:
    put(
        lake,
        "gps",
        # One cell and hour: 0, 10, …, 190 by two devices, so a tenth is at or below the second.
        *(position(f"d{step % 2}", step, 10.0 * step, 10.7801 + step * 0.0001) for step in range(20)),
        *(position("d1", 60 + nth, speed, 10.7899) for nth, speed in enumerate((50, 10, 30))),
        position("d1", 59, 7, -10.7801),
    )
    assert answer(lake, "speed_by_segment") == [
        segment(0, -10.79, vehicles=1, records=1, average_speed=7, median_speed=7, tenth_speed=7),
        segment(0, 10.78, vehicles=2, records=20, average_speed=95, median_speed=95, tenth_speed=10),
        segment(60, 10.78, vehicles=1, records=3, average_speed=30, median_speed=30, tenth_speed=10),
    ]


def segment(minutes: float, latitude: float, **figures: float) -> dict[str, Any]:
    return {"hour": plain(minutes), "latitude": latitude, "longitude": 106, **figures}


def test_incidents_and_delay(lake: duckdb.DuckDBPyConnection) -> None:
    seen = {"incident_id": "i1", "type": "Accident", "latitude": 10.0, "longitude": 106.0, "status": "Active"}
    put(
        lake,
        "emergency",
        {**seen, "device_id": "d1", "event_time": at(60)},
        {**seen, "device_id": "d2", "event_time": at(70)},
        {**seen, "device_id": "d2", "event_time": at(75), "status": "Resolved"},
        {**seen, "device_id": "d3", "event_time": at(76), "status": "Resolved"},
        {**seen, "device_id": "d1", "event_time": at(61), "type": "None", "incident_id": None, "status": "Resolved"},
        {**seen, "device_id": "d1", "event_time": at(62), "incident_id": "i2", "status": "Resolved"},
        {**seen, "device_id": "d4", "event_time": at(200), "incident_id": "i3", "type": "Fire", "latitude": 50.0},
    )
    metres = 1 / 111_195  # of latitude, in degrees
    put(
        lake,
        "gps",
        position("d1", 60, 10),
        position("d5", 65, 20, 10.0 - 499 * metres),  # in the next cell to the south
        position("d5", 66, 99, 10.0 + 501 * metres),
        position("d6", 30, 40),
        position("d6", 100, 80),
        position("d6", 29, 99),
        position("d6", 101, 99),
    )
    first, second = answer(lake, "incidents_and_delay")
    assert first == {
        "incident_id": "i1",
        "type": "Accident",
        "latitude": 10,
        "longitude": 106,
        "first_reported": plain(60),
        "last_reported": plain(70),
        "resolved": plain(75),
        "reporters": 3,
        "speed_active": 15,
        "speed_otherwise": 60,
        "delay": 3600 / 15 - 3600 / 60,
        "records_active": 2,
        "records_otherwise": 2,
    }
    assert (second["incident_id"], second["type"], second["resolved"]) == ("i3", "Fire", None)
    assert (second["speed_active"], second["delay"], second["records_active"]) == (None, None, 0)


def test_a_standstill_has_no_delay_that_could_be_told(lake: duckdb.DuckDBPyConnection) -> None:
    seen = {"incident_id": "i", "type": "Fire", "latitude": 10.0, "longitude": 106.0, "status": "Active"}
    put(lake, "emergency", {**seen, "device_id": "d", "event_time": at(0)})
    put(lake, "gps", position("d", 0, 0), position("d", 1, 50))
    [only] = answer(lake, "incidents_and_delay")
    assert (only["speed_active"], only["speed_otherwise"], only["delay"]) == (0, 50, None)


def test_weather_against_speed(lake: duckdb.DuckDBPyConnection) -> None:
    def sky(device: str, minutes: float, condition: str, precipitation: float) -> dict[str, Any]:
        told = {"device_id": device, "event_time": at(minutes), "weather_condition": condition}
        return {**told, "precipitation": precipitation}

    put(
        lake,
        "gps",
        position("d1", 0.1, 40),
        position("d1", 0.9, 60),
        position("d1", 1, 20),
        position("d2", 0, 10),
    )
    put(
        lake,
        "weather",
        sky("d1", 0.2, "Clear", 0),  # 50, the mean of its minute
        sky("d1", 1.5, "Clear", 0),  # 20
        sky("d1", 0.5, "Rain", 2.4),
        sky("d1", 0.5, "Rain", 2.5),
        sky("d2", 0.99, "Rain", 9.9),  # 10
        sky("d2", 0.5, "Storm", 10),
        sky("d2", 1, "Fog", 0),  # no speed in this minute
    )
    assert [tuple(row.values()) for row in answer(lake, "weather_against_speed")] == [
        ("Rain", "light", 1, 50),
        ("Clear", "none", 2, 35),
        ("Rain", "moderate", 2, 30),
        ("Storm", "heavy", 1, 10),
    ]


def test_arrivals_against_occupancy(lake: duckdb.DuckDBPyConnection) -> None:
    put(
        lake,
        "sessions",
        session("51A", "A1", 10, 65),
        session("51B", "A2", 20, 30),
        session("51C", "A3", 59, 60, status="TIMEOUT"),
        session("51D", "A4", 70, 200, status="ACTIVE"),  # its end is that of its newest event
        session("51A", "A1", 250, 260),
    )
    put(
        lake,
        "vehicle",
        position("d1", 0, 30, license_plate="51A"),  # exactly ten minutes before, twice seen and counted once
        position("d1", 5, 30, license_plate="51A"),
        position("d2", 9, 30, license_plate="51B"),  # eleven minutes before
        position("d3", 59.5, 30, license_plate="51C"),  # after
        position("d4", 70, 30, license_plate="51D"),
        position("d5", 70, 30),
    )
    assert [tuple(row.values()) for row in answer(lake, "arrivals_against_occupancy")] == [
        (plain(0), 3, 1, 1, 2),
        (plain(60), 1, 1, 2, 1),
        (plain(240), 1, 0, 1, 1),
    ]


def test_revenue_per_hour(lake: duckdb.DuckDBPyConnection) -> None:
    put(
        lake,
        "sessions",
        session("51A", "A1", 0, 59, cost=20_000),
        session("51B", "A2", 30, 31, cost=5_000, status="TIMEOUT"),
        session("51C", "A3", 30, 60, cost=7, currency="EUR"),
        session("51D", "A4", 0, 90, cost=9_000_000_000),
        session("51E", "A5", 0, 70, cost=99, status="ACTIVE"),
    )
    assert [tuple(row.values()) for row in answer(lake, "revenue_per_hour")] == [
        (plain(0), "VND", 2, 25_000, 30),
        (plain(60), "EUR", 1, 7, 30),
        (plain(60), "VND", 1, 9_000_000_000, 90),
    ]
