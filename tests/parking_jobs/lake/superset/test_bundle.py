"""The bundle for Superset, as far as it can be judged without one; tests/superset imports it."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from parking_jobs.lake.superset.__main__ import main
from parking_jobs.lake.superset.bundle import ROOT, Files, files_of, zipped
from parking_jobs.lake.superset.spec import Dashboard, dashboard
from parking_jobs.lake.tables import ALL
from parking_jobs.lake.views import views

TYPES = {"string": "VARCHAR", "double": "DOUBLE", "int": "INTEGER", "bigint": "BIGINT", "binary": "BLOB"}
SHOWN_AS = {"VARCHAR": "STRING", "BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN", "TIMESTAMP": "TIMESTAMP"}
TOLD = dashboard()


@pytest.fixture
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """All tables of the lake, empty, and the views on them."""
    with duckdb.connect() as connection:
        for table in ALL:
            columns = ", ".join(f'"{column.name}" {TYPES.get(column.type, "TIMESTAMP")}' for column in table.columns)
            connection.execute(f"CREATE TABLE {table.name} ({columns})")
        for name, view in views().items():
            connection.execute(f"CREATE VIEW {name} AS {view.sql}")
        yield connection


def files(told: Dashboard = TOLD, uri: str = "duckdb:////lake.duckdb") -> Files:
    return files_of(told, views(), uri)


@pytest.mark.parametrize("name", TOLD.datasets)
def test_a_dataset_has_the_columns_of_its_view(lake: duckdb.DuckDBPyConnection, name: str) -> None:
    found = {row[0]: SHOWN_AS[row[1]] for row in lake.execute(f"DESCRIBE {name}").fetchall()}
    assert {column: kind for column, (kind, _) in TOLD.datasets[name].columns.items()} == found


@pytest.mark.parametrize(
    ("view", "sql"), [(name, sql) for name, each in TOLD.datasets.items() for sql, _ in each.metrics.values()]
)
def test_a_metric_is_sql_on_its_view(lake: duckdb.DuckDBPyConnection, view: str, sql: str) -> None:
    assert len(lake.execute(f"SELECT {sql} FROM {view}").fetchall()) == 1


def test_every_view_is_a_dataset_and_every_chart_names_what_there_is() -> None:
    assert set(TOLD.datasets) == set(views())
    for chart in TOLD.charts:
        dataset = TOLD.datasets[chart.view]
        assert set(chart.metrics) <= set(dataset.metrics), chart.name
        assert {*chart.columns, *chart.by, *([chart.across] if chart.across else [])} <= set(dataset.columns), (
            chart.name
        )
    assert len({chart.name for chart in TOLD.charts}) == len(TOLD.charts)


def test_the_sql_of_a_dataset_is_that_of_its_view() -> None:
    assert files()["datasets/lake/journeys.yaml"]["sql"] == views()["journeys"].sql


def test_every_chart_has_its_place_in_a_row_of_twelve() -> None:
    position = files()["dashboards/road.yaml"]["position"]
    placed = [
        each["meta"]["sliceName"] for each in position.values() if isinstance(each, dict) and each["type"] == "CHART"
    ]
    assert placed == [chart.name for chart in TOLD.charts]
    for row in position["GRID_ID"]["children"]:
        assert sum(position[place]["meta"]["width"] for place in position[row]["children"]) <= 12


def test_what_refers_to_something_names_it() -> None:
    found = files()
    ids = {each["uuid"] for name, each in found.items() if name != "metadata.yaml"}
    assert len(ids) == len(found) - 1
    references = {each[key] for each in found.values() for key in ("database_uuid", "dataset_uuid") if key in each}
    assert references <= ids


def test_a_bundle_is_the_same_each_time(tmp_path: Path) -> None:
    one, other = tmp_path / "one.zip", tmp_path / "other.zip"
    for path in (one, other):
        assert main(["--database-uri", "trino://trino:8080/lake/central", str(path)]) == 0
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(io.BytesIO(zipped(files()))) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {ROOT}
        database = json.loads(archive.read(f"{ROOT}/databases/lake.yaml"))
    assert database["sqlalchemy_uri"] == "duckdb:////lake.duckdb"


@pytest.mark.parametrize("uri", ["lake.duckdb", "", "trino:/host", "://x"])
def test_an_address_that_is_none_is_refused(uri: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--database-uri", uri, str(tmp_path / "b.zip")])
    assert ended.value.code == 2
    assert "--database-uri" in (told := capsys.readouterr().err)
    assert f"{uri!r} is no address of a database; allowed: DIALECT://" in told
    assert not list(tmp_path.iterdir())
