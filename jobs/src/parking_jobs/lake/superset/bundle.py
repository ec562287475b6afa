"""The bundle: Superset's files for a database, datasets, charts and a dashboard, in a zip that is always the same."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from parking_jobs.lake.superset.charts import asks, looks
from parking_jobs.lake.superset.spec import Chart, Dashboard, Dataset
from parking_jobs.lake.views import View

ROOT = "parking"
"""Folder of all files in the zip."""
DATABASE = "Parking lake"
_VERSION = "1.0.0"
_HERE = UUID("5a6ff1a9-2f6d-4f2b-9d53-6f1f7c1f8a11")
_STAMP = (2026, 1, 1, 0, 0, 0)
_ROW = 12
_HEIGHTS = {"number": 20, "bars": 50, "lines": 50, "rows": 60, "summary": 60}
Files = dict[str, dict[str, Any]]


def files_of(dashboard: Dashboard, views: Mapping[str, View], database_uri: str) -> Files:
    """Give the content of each file by its name; ``database_uri`` as SQLAlchemy has it."""
    charts = {f"charts/{_slug(chart.name)}.yaml": _chart(chart, dashboard) for chart in dashboard.charts}
    datasets = {
        f"datasets/lake/{name}.yaml": _dataset(name, each, views[name]) for name, each in dashboard.datasets.items()
    }
    return {
        # Without a type it is taken as a dashboard, and as what overwrites everything that it names.
        "metadata.yaml": {"version": _VERSION, "timestamp": "2026-01-01T00:00:00+00:00"},
        "databases/lake.yaml": _database(database_uri),
        **datasets,
        **charts,
        f"dashboards/{dashboard.slug}.yaml": _dashboard(dashboard),
    }


def zipped(files: Files) -> bytes:
    """Put files into a zip. They are JSON, which is YAML too."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{ROOT}/{name}", _STAMP), json.dumps(files[name], indent=2) + "\n")
    return sink.getvalue()


def _id(*path: str) -> str:
    """Give the identity of a thing, the same in every bundle: an import takes the place of the one before."""
    return str(uuid5(_HERE, "/".join(path)))


def _slug(name: str) -> str:
    return "_".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def _database(uri: str) -> dict[str, Any]:
    allowed = {"expose_in_sqllab": True, "allow_run_async": False, "allow_ctas": False, "allow_cvas": False}
    named = {"database_name": DATABASE, "sqlalchemy_uri": uri, "uuid": _id("database"), "version": _VERSION}
    return {**named, **allowed, "allow_dml": False, "extra": {"allows_virtual_table_explore": True}}


def _dataset(name: str, dataset: Dataset, view: View) -> dict[str, Any]:
    columns = [
        {
            "column_name": column,
            "verbose_name": label,
            "type": kind,
            "is_dttm": kind == "TIMESTAMP",
            "groupby": True,
            "filterable": True,
            "is_active": True,
        }
        for column, (kind, label) in dataset.columns.items()
    ]
    metrics = [
        {"metric_name": metric, "verbose_name": label, "expression": sql}
        for metric, (sql, label) in dataset.metrics.items()
    ]
    told = {"table_name": name, "description": view.question, "sql": view.sql, "main_dttm_col": dataset.time}
    ids = {"uuid": _id("dataset", name), "database_uuid": _id("database"), "version": _VERSION}
    return {**told, "columns": columns, "metrics": metrics, "filter_select_enabled": True, **ids}


def _chart(chart: Chart, dashboard: Dashboard) -> dict[str, Any]:
    dataset = dashboard.datasets[chart.view]
    settings = looks(chart, dataset)
    context = {"datasource": {}, "force": False, "queries": [asks(chart, dataset)], "form_data": settings}
    return {
        "slice_name": chart.name,
        "viz_type": settings["viz_type"],
        "params": settings,
        "query_context": json.dumps(context | {"result_format": "json", "result_type": "full"}),
        "uuid": _id("chart", chart.name),
        "dataset_uuid": _id("dataset", chart.view),
        "version": _VERSION,
    }


def _dashboard(dashboard: Dashboard) -> dict[str, Any]:
    named = {"dashboard_title": dashboard.title, "slug": dashboard.slug, "published": True}
    time = {
        "id": "NATIVE_FILTER-time",
        "name": "Time",
        "type": "NATIVE_FILTER",
        "filterType": "filter_time",
        "targets": [{}],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "controlValues": {},
        "defaultDataMask": {},
        "cascadeParentIds": [],
    }
    return {
        **named,
        "uuid": _id("dashboard"),
        "position": _position(dashboard),
        "metadata": {"native_filter_configuration": [time], "cross_filters_enabled": True},
        "version": _VERSION,
    }


def _position(dashboard: Dashboard) -> dict[str, Any]:
    """Lay charts out in rows of twelve columns, in their order."""
    rows = {f"ROW-{number}": row for number, row in enumerate(_rows(dashboard.charts))}
    grid = ["ROOT_ID", "GRID_ID"]
    told: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": list(rows), "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title}},
    }
    for name, row in rows.items():
        places = [f"CHART-{_slug(chart.name)}" for chart in row]
        told[name] = {
            "type": "ROW",
            "id": name,
            "children": places,
            "parents": grid,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for place, chart in zip(places, row, strict=True):
            meta = {
                "uuid": _id("chart", chart.name),
                "sliceName": chart.name,
                "chartId": dashboard.charts.index(chart) + 1,
            }
            size = {"width": chart.width, "height": _HEIGHTS[chart.kind]}
            told[place] = {
                "type": "CHART",
                "id": place,
                "children": [],
                "parents": [*grid, name],
                "meta": {**meta, **size},
            }
    return told


def _rows(charts: Sequence[Chart]) -> Iterator[list[Chart]]:
    row: list[Chart] = []
    for chart in charts:
        if sum(each.width for each in row) + chart.width > _ROW:
            yield row
            row = []
        row.append(chart)
    yield row
