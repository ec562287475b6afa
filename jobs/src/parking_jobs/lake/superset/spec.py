"""What the dashboard shows, read from dashboard.toml."""

import tomllib
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dataset(_Spec):
    """A view: its columns as (type, label), its metrics as (SQL, label), and the column that tells when."""

    columns: dict[str, tuple[Literal["STRING", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP"], str]]
    metrics: dict[str, tuple[str, str]]
    time: str | None = None


class Chart(_Spec):
    """A chart; ``across`` is its horizontal axis, ``by`` splits its metrics, ``width`` counts twelfths."""

    name: str
    view: str
    kind: Literal["number", "bars", "lines", "rows", "summary"]
    metrics: tuple[str, ...] = ()
    across: str | None = None
    by: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    width: Annotated[int, Field(ge=1, le=12)]


class Dashboard(_Spec):
    """All of it."""

    title: str
    slug: str
    datasets: dict[str, Dataset]
    charts: tuple[Chart, ...]


def dashboard() -> Dashboard:
    """Read it."""
    return Dashboard.model_validate(tomllib.loads(files(__package__).joinpath("dashboard.toml").read_text("utf-8")))
