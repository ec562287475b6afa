"""``parking query``: the catalogue, what is refused, and how answers look. The tables themselves need a lake."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from parking.errors import ParkingError
from parking.road_documents import CatalogueAddress, LakeDocument
from parking.road_spec import RoadTopics
from parking_jobs.lake.views import views as views_of_the_job
from parking_local import answers, query
from parking_local.lot_folder import LotFolder, write_whole

CATALOGUE = """
CREATE TABLE iceberg_tables(catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL,
    table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),
    iceberg_type VARCHAR(5), PRIMARY KEY (catalog_name, table_namespace, table_name));
"""


def document(folder: Path, **changes: Any) -> LakeDocument:
    told: dict[str, Any] = {
        "lot": "central",
        "bootstrap_servers": "localhost:9092",
        "topics": RoadTopics(),
        "processed_topic": "processed-data",
        "warehouse": str(folder / "warehouse"),
        "catalogue": CatalogueAddress(
            type="Embedded", uri=f"jdbc:sqlite:{folder / 'catalogue.db'}", namespace="central"
        ),
        "trigger": timedelta(seconds=10),
        "window": timedelta(minutes=10),
        "max_records_per_trigger": 1000,
        "keep_snapshots": timedelta(days=1),
    }
    return LakeDocument(**(told | changes))


def make_catalogue(folder: Path, *tables: tuple[str, str, str]) -> None:
    with sqlite3.connect(folder / "catalogue.db") as catalogue:
        catalogue.executescript(CATALOGUE)
        catalogue.executemany("INSERT INTO iceberg_tables VALUES ('lake', ?, ?, ?, NULL, 'TABLE')", tables)
    catalogue.close()


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake whose catalogue is there and whose metadata is not."""
    make_catalogue(tmp_path, ("central", "vehicle", f"{tmp_path}/v.json"), ("other", "gps", "/elsewhere.json"))
    return tmp_path


def shown(answer: answers.Answer) -> list[str]:
    console = Console(width=30, color_system=None)
    with console.capture() as captured:
        answers.show(answer, console)
    return [line.rstrip() for line in captured.get().splitlines()]


def test_the_catalogue_tells_the_tables_of_the_lot_alone(lake: Path) -> None:
    assert query.metadata_of(document(lake)) == {"vehicle": f"{lake}/v.json"}


def test_a_folder_with_signs_that_addresses_take_otherwise_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "a lot? 100%"
    folder.mkdir()
    make_catalogue(folder, ("central", "gps", "/g.json"))
    assert query.metadata_of(document(folder)) == {"gps": "/g.json"}


def test_without_a_catalogue_or_tables_in_it_there_is_no_lake_yet(tmp_path: Path) -> None:
    with pytest.raises(ParkingError, match="no lake yet"):
        query.metadata_of(document(tmp_path))
    assert not list(tmp_path.iterdir()), "looking makes no file"
    make_catalogue(tmp_path)
    with pytest.raises(ParkingError, match="no lake yet"):
        query.metadata_of(document(tmp_path))


def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalogue.db").write_text("not a database, but long enough to be looked at " * 10)
    with pytest.raises(ParkingError, match=r"catalogue\.db cannot be read as a catalogue: "):
        query.metadata_of(document(tmp_path))


@pytest.mark.parametrize("kind", ["Glue", "REST"])
def test_other_catalogues_are_for_other_tools(tmp_path: Path, kind: Any) -> None:
    asked = document(tmp_path, catalogue=CatalogueAddress(type=kind, namespace="central"))
    with pytest.raises(ParkingError, match=rf"embedded catalogue.* {kind}: use Athena or Trino, or ATTACH"):
        query.run_query(asked, "SELECT 1")


def test_the_document_lies_in_the_folder_of_the_lot(tmp_path: Path) -> None:
    folder = LotFolder(tmp_path / "central")
    with pytest.raises(ParkingError, match="central: there is no lake yet"):
        query.lake_document(folder)
    write_whole(folder.config / "central-lake" / "document.json", document(tmp_path).model_dump_json(by_alias=True))
    assert query.lake_document(folder) == document(tmp_path)


def test_a_table_whose_metadata_is_gone_is_told_in_the_words_of_duckdb(lake: Path) -> None:
    with pytest.raises(ParkingError, match=r"v\.json"):
        query.run_query(document(lake), "SELECT 1")


def test_tables_are_views_and_our_views_stand_on_them(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_iceberg(tables: dict[str, str]) -> list[str]:
        return [f"CREATE TABLE {name} AS SELECT '{path}' AS path, now() AS event_time" for name, path in tables.items()]

    monkeypatch.setattr(query, "_definitions", without_iceberg)
    monkeypatch.setattr(query, "views", lambda: {"places": "-- Where?\nSELECT path FROM vehicle", "gone": "FROM gps"})
    assert query.run_query(document(lake), "places").rows == [(f"{lake}/v.json",)]
    assert query.run_query(document(lake), "SELECT count(*) FROM places").rows == [(1,)]
    assert query.table_list(document(lake)) == answers.Answer(("Table", "Rows"), [("vehicle", 1)], 1)
    with pytest.raises(ParkingError, match="gps"):
        query.run_query(document(lake), "gone")


def test_what_tables_are_defined_as() -> None:
    told = list(query._definitions({"gps": "/it's/g.json", "sessions": "file:/s.json", "v": "s3://b/v.json"}))
    assert [statement.split("iceberg_scan")[1] for statement in told] == [
        "('/it''s/g.json')",
        "('/s.json')",
        "('s3://b/v.json')",
    ]


def test_without_the_extensions_it_says_what_to_install(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = query.find_spec
    monkeypatch.setattr(query, "find_spec", lambda name: None if name.endswith("_iceberg") else found(name))
    with pytest.raises(ParkingError, match=r"pip install 'parking-local\[lake\]'"):
        query.open_lake(document(lake))


def test_without_duckdb_too(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(ParkingError, match=r"pip install 'parking-local\[lake\]'"):
        query.open_lake(document(lake))


def test_an_object_store_is_reached_as_the_document_says(tmp_path: Path) -> None:
    asked = document(
        tmp_path,
        warehouse="s3://parking/lake",
        s3_endpoint="http://store:9000",
        s3_region="eu-1",
        s3_path_style=True,
    )
    environment = {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "it's", "AWS_REGION": "us-1"}
    statements = list(query._preparations(asked, environment, duckdb.__version__))
    with duckdb.connect() as connection:
        for statement in statements:
            connection.execute(statement)
        [(told,)] = connection.execute("SELECT secret_string FROM duckdb_secrets()").fetchall()
    assert {"endpoint=store:9000", "region=eu-1", "url_style=path", "use_ssl=false", "key_id=me"} <= set(
        told.split(";")
    )
    assert "SECRET 'it''s'" in statements[-1]


def test_amazon_itself_needs_no_more_than_a_region(tmp_path: Path) -> None:
    asked = document(tmp_path, warehouse="s3://parking/lake")
    assert query._secret(asked, {"AWS_REGION": "us-1"}) == "CREATE SECRET lake (TYPE s3, REGION 'us-1')"


def test_files_of_this_machine_need_neither_http_nor_secrets(tmp_path: Path) -> None:
    told = query._preparations(document(tmp_path), {}, duckdb.__version__)
    assert [Path(text.strip("'")).stem for text in told if text.startswith("LOAD")] == ["avro", "iceberg"]


def test_the_views_are_those_of_the_job_and_have_questions() -> None:
    assert query.views() == {name: view.sql for name, view in views_of_the_job().items()}
    assert query.view_list().rows == [(name, view.question) for name, view in views_of_the_job().items()]
    assert len(query.views()) >= 6


def test_a_view_that_is_none_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ParkingError, match=r"no view journey; there are: .*journeys"):
        query.run_query(document(tmp_path), "journey")


@pytest.mark.parametrize(
    "sql", ["COPY (SELECT 1) TO 'x.csv'", "SELECT 1; SELECT 2", "CREATE TABLE a (b INT)", "ATTACH 'x.db'", "-- nothing"]
)
def test_what_does_not_read_is_refused(sql: str) -> None:
    with duckdb.connect() as connection, pytest.raises(ParkingError, match="one statement that reads"):
        query.ask(connection, sql)


def test_errors_of_sql_are_those_of_duckdb() -> None:
    with duckdb.connect() as connection, pytest.raises(ParkingError, match=r"Referenced column .*speeed"):
        query.ask(connection, "SELECT speeed FROM (SELECT 1 AS speed)")


def test_instants_are_utc_and_names_may_come_twice() -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        answer = query.ask(
            connection, "SELECT TIMESTAMPTZ '2026-01-31 08:15:00+07' AS t, 1 AS n, 2 AS n ORDER BY n; -- that is all"
        )
    assert answer == answers.Answer(answer.columns, [(datetime(2026, 1, 31, 1, 15), 1, 2)], 1)  # noqa: DTZ001
    assert answer.columns[0] == "t"


def test_so_many_rows_are_fetched_and_the_others_counted() -> None:
    with duckdb.connect() as connection:
        asked = "SELECT i FROM range(1000) AS t (i) ORDER BY i DESC"
        assert query.ask(connection, asked, 2) == answers.Answer(("i",), [(999,), (998,)], 1000)
        assert query.ask(connection, asked, 1000).total == len(query.ask(connection, asked).rows) == 1000
        assert [row[0] for row in query.ask(connection, "DESCRIBE SELECT 1 AS one").rows] == ["one"]


ANSWER = answers.Answer(
    ("plate", "n", "speed", "at", "parked", "picture"),
    [
        ("[b]51A", 1_234, 41.5, datetime(2026, 1, 31, 8, 15, 0, 250_000), True, b"\x00\x01"),  # noqa: DTZ001
        ("51B", 7, 2 / 3, None, False, None),
    ],
    5,
)


def test_a_table_has_numbers_to_the_right_and_says_what_is_left_out() -> None:
    assert shown(ANSWER) == [
        "plate      n   speed  at                   parked  picture",
        "[b]51A  1234    41.5  2026-01-31 08:15:00  yes     2 bytes",
        "51B        7  0.6667                       no",
        "3 more of 5 rows",
    ]


def test_a_whole_table_has_nothing_to_say() -> None:
    assert shown(answers.Answer(("n",), [(Decimal("10.00"),), (float("nan"),)], 2)) == ["  n", " 10", "nan"]
    assert shown(answers.Answer(("n",), [], 0)) == ["n"]


def test_csv_and_json_are_exact() -> None:
    assert answers.to_csv(ANSWER).splitlines() == [
        "plate,n,speed,at,parked,picture",
        "[b]51A,1234,41.5,2026-01-31T08:15:00.250000Z,True,AAE=",
        "51B,7,0.6666666666666666,,False,",
    ]
    first, second = json.loads(answers.to_json(ANSWER))
    assert first["picture"] == "AAE="
    assert datetime.fromisoformat(first["at"]) == datetime(2026, 1, 31, 8, 15, 0, 250_000, UTC)
    assert second == {"plate": "51B", "n": 7, "speed": 2 / 3, "at": None, "parked": False, "picture": None}
