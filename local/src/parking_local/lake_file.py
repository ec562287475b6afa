"""``parking query --save``: the lake as one DuckDB file, for tools that read those and know nothing of Iceberg."""

import os
from contextlib import closing, suppress
from pathlib import Path

from parking.errors import ParkingError
from parking.road_documents import LakeDocument
from parking_local.query import identifier, metadata_of, open_lake, quoted, told, views, without_zones


def save(document: LakeDocument, path: Path) -> None:
    """Copy all tables as they are now, and our views; raises ParkingError.

    Instants are UTC without a zone, since tools show others in the zone of their machine. The file takes the place of
    an older one in one step: who has that one open reads on in it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with told():
            _copy(document, beside)
            _define_views(beside)
        beside.replace(path)
    except OSError as error:
        raise ParkingError(f"{path} cannot be written: {error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _copy(document: LakeDocument, path: Path) -> None:
    with closing(open_lake(document)) as lake:
        lake.execute(f"ATTACH {quoted(str(path))} AS saved")
        for name in metadata_of(document):
            without_zones(lake.sql(f"FROM {identifier(name)}")).create_view("plain", replace=True)
            lake.execute(f"CREATE TABLE saved.{identifier(name)} AS FROM plain")


def _define_views(path: Path) -> None:
    import duckdb

    with closing(duckdb.connect(path)) as file:
        for name, text in views().items():
            with suppress(duckdb.CatalogException):  # a table that is not there yet
                file.execute(f"CREATE VIEW {identifier(name)} AS {text}")
