"""Questions to the lake: each ``NAME.sql`` here is one SELECT, as Athena, Trino and DuckDB all understand it.

The first comment line of a file is its question, those after it tell what the columns mean. Table names stand alone:
the database is the session's. Times are UTC without a zone: Athena's views and many a BI tool cannot handle zones.
"""

from importlib.resources import files
from typing import NamedTuple


class View(NamedTuple):
    """A question in words and in SQL."""

    question: str
    sql: str


def views() -> dict[str, View]:
    """Give all views by their names."""
    paths = sorted(
        (path for path in files(__name__).iterdir() if path.name.endswith(".sql")), key=lambda path: path.name
    )
    texts = {path.name.removesuffix(".sql"): path.read_text(encoding="utf-8") for path in paths}
    return {name: View(text.split("\n", 1)[0].removeprefix("-- "), text) for name, text in texts.items()}
