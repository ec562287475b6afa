"""The SQL for Redshift, as far as it can be judged without one: its grammar, its columns, and that it only reads."""

import re

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError
from sqlglot.optimizer.qualify import qualify

from parking.road import RoadTopic
from parking_jobs.lake.tables import ROAD, SESSIONS, Table
from tests.aws import template

TEXT = (template.PATH.parent / "redshift.sql").read_text()


def query(text: str) -> exp.Expression:
    return sqlglot.parse_one(text[text.index("WITH cars") :], read="redshift")


def columns(table: Table) -> dict[str, str]:
    return dict.fromkeys(table.names, "VARCHAR")


def resolve(text: str) -> exp.Expression:
    """Find the column that each name stands for; one that no table has is an OptimizeError."""
    schema = {"lake": {"sessions": columns(SESSIONS), "vehicle": columns(ROAD[RoadTopic.VEHICLE])}}
    return qualify(query(text), schema=schema, dialect="redshift")


def test_the_query_joins_sessions_and_vehicle_by_columns_that_they_have() -> None:
    told = resolve(TEXT)
    assert {table.name for table in told.find_all(exp.Table) if table.db == "lake"} == {"sessions", "vehicle"}
    assert told.named_selects == ["fuel_type", "currency", "visits", "minutes", "paid"]


def test_a_column_that_no_table_has_is_found() -> None:
    with pytest.raises(OptimizeError, match="plate_number"):
        resolve(TEXT.replace("license_plate", "plate_number"))


def test_a_query_that_does_not_parse_is_found() -> None:
    with pytest.raises(ParseError):
        query(TEXT.replace("GROUP BY license_plate", "GROUP license_plate"))


def test_the_schema_is_a_database_of_the_catalogue_by_a_role() -> None:
    told = " ".join(re.sub(r"--.*", "", TEXT).split())
    assert "CREATE EXTERNAL SCHEMA IF NOT EXISTS lake FROM DATA CATALOG DATABASE :'database' IAM_ROLE :'role';" in told
    assert set(re.findall(r"-v (\w+)=", TEXT)) == set(re.findall(r":'(\w+)'", told)) == {"role", "database"}


def test_readers_are_given_the_schema_and_nothing_else() -> None:
    assert re.findall(r"^GRANT .*", TEXT, re.MULTILINE) == ["GRANT USAGE ON SCHEMA lake TO ROLE lake_reader;"]
