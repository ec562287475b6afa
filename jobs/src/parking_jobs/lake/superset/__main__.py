"""Writes the bundle: ``python -m parking_jobs.lake.superset --database-uri URI [FILE]``."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from parking_jobs.lake.superset.bundle import files_of, zipped
from parking_jobs.lake.superset.spec import dashboard
from parking_jobs.lake.views import views

_URI = re.compile(r"[a-z][a-z0-9+]*://\S*")


def main(argv: Sequence[str] | None = None) -> int:
    """Write it; exit code 2 when an argument is wrong."""
    parser = argparse.ArgumentParser(prog="parking_jobs.lake.superset", description=__doc__)
    parser.add_argument(
        "--database-uri",
        type=_uri,
        required=True,
        help="how Superset reaches the tables: awsathena+rest://…, trino://… or, for a file of `parking query --save`, "
        "duckdb:////folder/lake.duckdb?access_mode=read_only",
    )
    parser.add_argument("file", type=Path, nargs="?", default=Path("superset-bundle.zip"), help="what is written")
    options = parser.parse_args(argv)
    options.file.write_bytes(zipped(files_of(dashboard(), views(), options.database_uri)))
    return 0


def _uri(text: str) -> str:
    if not _URI.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no address of a database; allowed: DIALECT://…, as SQLAlchemy has it"
        )
    return text


if __name__ == "__main__":
    sys.exit(main())
