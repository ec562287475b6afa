"""``parking query``: SQL on the lake of a lot on this machine, with DuckDB in memory. It reads and never writes."""

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from parking.errors import ParkingError
from parking.road_documents import LakeDocument
from parking.road_spec import is_object_storage
from parking_local.answers import Answer
from parking_local.lot_folder import LotFolder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_NOT_INSTALLED = "`parking query` needs DuckDB and its extensions: pip install 'parking-local[lake]'"
_NO_LAKE = "there is no lake yet: its tables are made when a lot with a road is up (`parking up`)"
_ELSEWHERE = (
    "`parking query` reads the embedded catalogue, and the tables of this lot are known to {}: use Athena or Trino, "
    "or ATTACH of DuckDB itself"
)
_ZONED = "TIMESTAMP WITH TIME ZONE"


def lake_document(folder: LotFolder) -> LakeDocument:
    """Read what the lake's job of a lot was told; raises ParkingError when there is no lake."""
    found = sorted(folder.config.glob("*-lake/document.json"))
    if not found:
        raise ParkingError(f"{folder.root.name}: {_NO_LAKE}")
    return LakeDocument.read(found[0])


def views() -> dict[str, str]:
    """Give the SQL of the views by their names; they lie beside the lake's job, which is not imported here."""
    spec = find_spec("parking_jobs")
    folders = [Path(place) / "lake" / "views" for place in (spec and spec.submodule_search_locations) or ()]
    return {path.stem: path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.sql"))}


def metadata_of(document: LakeDocument) -> dict[str, str]:
    """Read from the embedded catalogue where the newest metadata of each table is; raises ParkingError."""
    if document.catalogue.type != "Embedded":
        raise ParkingError(_ELSEWHERE.format(document.catalogue.type))
    path = Path((document.catalogue.uri or "").removeprefix("jdbc:sqlite:"))
    if not path.exists():
        raise ParkingError(_NO_LAKE)
    asked = "SELECT table_name, metadata_location FROM iceberg_tables WHERE table_namespace = ? ORDER BY table_name"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as catalogue:
            found = dict(catalogue.execute(asked, (document.catalogue.namespace,)))
    except sqlite3.Error as error:
        raise ParkingError(f"{path} cannot be read as a catalogue: {error}") from error
    if not found:
        raise ParkingError(_NO_LAKE)
    return found


def open_lake(document: LakeDocument, environment: Mapping[str, str] = os.environ) -> "DuckDBPyConnection":
    """Open DuckDB with a view for each table of the lake as it is now, and one for each of our questions."""
    tables = metadata_of(document)
    with told():
        import duckdb

        lake = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
        for statement in (*_preparations(document, environment, duckdb.__version__), *_definitions(tables)):
            lake.execute(statement)
        for name, text in views().items():
            with suppress(duckdb.CatalogException):  # a table that is not there fails a question about it, no other
                lake.execute(f"CREATE VIEW {name} AS {text}")
    return lake


def _preparations(document: LakeDocument, environment: Mapping[str, str], version: str) -> Iterator[str]:
    yield "SET TimeZone = 'UTC'"
    yield "SET python_enable_replacements = false"  # a table that is not there is no variable of ours
    yield f"LOAD {quoted(_extension('avro', version))}"  # before iceberg, whose manifests are Avro
    yield f"LOAD {quoted(_extension('iceberg', version))}"
    if is_object_storage(document.warehouse):
        yield f"LOAD {quoted(_extension('httpfs', version))}"
        yield _secret(document, environment)


def _definitions(tables: Mapping[str, str]) -> Iterator[str]:
    for name, location in tables.items():
        path = quoted(location.removeprefix("file://").removeprefix("file:"))
        yield f"CREATE VIEW {identifier(name)} AS SELECT * FROM iceberg_scan({path})"  # noqa: S608 - both are quoted


def _extension(name: str, version: str) -> str:
    """Find an extension in its wheel: DuckDB itself would download it."""
    spec = find_spec(f"duckdb_extension_{name}")
    for place in (spec and spec.submodule_search_locations) or ():
        path = Path(place) / "extensions" / f"v{version}" / f"{name}.duckdb_extension"
        if path.exists():
            return str(path)
    raise ParkingError(_NOT_INSTALLED)


def _secret(document: LakeDocument, environment: Mapping[str, str]) -> str:
    """Say how S3 is reached. Without a key in the environment DuckDB asks as nobody."""
    server = urlsplit(document.s3_endpoint or "")
    options = {
        "KEY_ID": environment.get("AWS_ACCESS_KEY_ID"),
        "SECRET": environment.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": environment.get("AWS_SESSION_TOKEN"),
        "REGION": document.s3_region or environment.get("AWS_REGION"),
        "ENDPOINT": server.netloc + server.path.rstrip("/"),
        "URL_STYLE": "path" if document.s3_path_style else "",
        "USE_SSL": "false" if server.scheme == "http" else "",
    }
    given = "".join(f", {name} {quoted(value)}" for name, value in options.items() if value)
    return f"CREATE SECRET lake (TYPE s3{given})"


def quoted(text: str) -> str:
    """Write a text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Write a name in SQL."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def told() -> Iterator[None]:
    """Turn what DuckDB says into a ParkingError, and its absence too."""
    try:
        import duckdb
    except ImportError as error:
        raise ParkingError(_NOT_INSTALLED) from error
    try:
        yield
    except duckdb.Error as error:
        raise ParkingError(str(error)) from error


def run_query(document: LakeDocument, asked: str, limit: int | None = None) -> Answer:
    """Answer SQL, or a view by its name, with ``limit`` rows at most; raises ParkingError."""
    known = views()
    name = asked.strip()
    if re.fullmatch(r"\w+", name) and name not in known:
        raise ParkingError(f"no view {name}; there are: {', '.join(known)}")
    with closing(open_lake(document)) as lake:
        return ask(lake, known.get(name, asked), limit)


def ask(lake: "DuckDBPyConnection", sql: str, limit: int | None = None) -> Answer:
    """Answer one statement that reads; raises ParkingError."""
    with told():
        if [statement.type.name for statement in lake.extract_statements(sql)] != ["SELECT"]:
            raise ParkingError("`parking query` answers one statement that reads: SELECT, DESCRIBE, SHOW or SUMMARIZE")
        answer = without_zones(lake.sql(sql))
        if limit is None:
            rows = answer.fetchall()
            return Answer(tuple(answer.columns), rows, len(rows))
        rows = answer.limit(limit + 1).fetchall()
        total = len(rows) if len(rows) <= limit else answer.aggregate("count(*)").fetchall()[0][0]
        return Answer(tuple(answer.columns), rows[:limit], total)


def without_zones(answer: "DuckDBPyRelation") -> "DuckDBPyRelation":
    """Give instants as UTC without a zone: DuckDB hands the other ones to Python with a library that we have not."""
    if _ZONED not in map(str, answer.types):
        return answer
    # By their places: a name may come twice.
    values = [
        f"{f'CAST(#{place} AS TIMESTAMP)' if str(kind) == _ZONED else f'#{place}'} AS {identifier(name)}"
        for place, (name, kind) in enumerate(zip(answer.columns, answer.types, strict=True), 1)
    ]
    return answer.project(", ".join(values))


def view_list() -> Answer:
    """Give all views with their questions, which are the first lines of their files."""
    rows: list[tuple[Any, ...]] = [(name, text.split("\n", 1)[0].removeprefix("-- ")) for name, text in views().items()]
    return Answer(("View", "Question"), rows, len(rows))


def table_list(document: LakeDocument) -> Answer:
    """Give all tables of the lake with the number of their rows."""
    counts = (f"SELECT {quoted(name)}, count(*) FROM {identifier(name)}" for name in metadata_of(document))  # noqa: S608
    with closing(open_lake(document)) as lake:
        rows = [row for count in counts for row in ask(lake, count).rows]
    return Answer(("Table", "Rows"), rows, len(rows))
