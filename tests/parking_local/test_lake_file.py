"""``parking query --save``: the file itself; that of a real lake is asked in tests/e2e."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from parking.errors import ParkingError
from parking_local import lake_file, query
from parking_local.lake_file import save
from tests.parking_local.test_query import document, make_catalogue


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake of one table, whose rows are here and not in Iceberg."""
    folder = tmp_path / "lake"
    folder.mkdir()
    make_catalogue(folder, ("central", "vehicle", "v.json"))

    def rows(tables: dict[str, str]) -> list[str]:
        at = "TIMESTAMPTZ '2026-01-31 08:00:00+07'"
        return [f"CREATE TABLE {name} AS SELECT {at} AS event_time, '\\xFF'::BLOB AS picture" for name in tables]

    monkeypatch.setattr(query, "_definitions", rows)
    for module in (query, lake_file):
        monkeypatch.setattr(module, "views", lambda: {"seen": "FROM vehicle", "gone": "FROM gps"})
    return folder


def test_tables_and_views_are_there_with_instants_in_utc(lake: Path, tmp_path: Path) -> None:
    save(document(lake), tmp_path / "lake.duckdb")
    with duckdb.connect(tmp_path / "lake.duckdb", read_only=True) as file:
        file.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
        assert file.execute("FROM seen").fetchall() == [(datetime(2026, 1, 31, 1), b"\xff")]  # noqa: DTZ001 - as it is stored
        assert file.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == [("seen",)]
    assert {path.name for path in tmp_path.iterdir()} == {"lake", "lake.duckdb"}


def test_a_newer_file_takes_its_place_and_disturbs_no_reader(lake: Path, tmp_path: Path) -> None:
    path = tmp_path / "lake.duckdb"
    save(document(lake), path)
    with duckdb.connect(path, read_only=True) as reader:
        save(document(lake), path)
        assert len(reader.execute("FROM seen").fetchall()) == 1
    with duckdb.connect(path, read_only=True) as newer:
        assert len(newer.execute("FROM seen").fetchall()) == 1


def test_a_place_that_cannot_be_written_is_named(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(ParkingError, match=r"lake\.duckdb"):
        save(document(lake), tmp_path / "nowhere" / "lake.duckdb")


def test_a_lake_that_cannot_be_read_leaves_the_file_as_it_was(lake: Path, tmp_path: Path) -> None:
    path = tmp_path / "lake.duckdb"
    path.write_text("older")
    (lake / "catalogue.db").unlink()
    with pytest.raises(ParkingError, match="no lake yet"):
        save(document(lake), path)
    assert path.read_text() == "older"
    assert {each.name for each in tmp_path.iterdir()} == {"lake", "lake.duckdb"}
