"""Charts in Superset's terms: what it is told of how each one looks, and what each one asks."""

from typing import Any

from parking_jobs.lake.superset.spec import Chart, Dataset

_TYPES = {
    "number": "big_number_total",
    "bars": "echarts_timeseries_bar",
    "lines": "echarts_timeseries_line",
    "rows": "table",
    "summary": "table",
}
_HOUR = "PT1H"
_ROWS = 1_000
_DEGREES = {"latitude", "longitude"}


def looks(chart: Chart, dataset: Dataset) -> dict[str, Any]:
    """Give the settings of a chart, as Superset's editor keeps them."""
    told: dict[str, Any] = {"viz_type": _TYPES[chart.kind], "adhoc_filters": _any_time(dataset), "row_limit": _ROWS}
    match chart.kind:
        case "number":
            return told | {"metric": chart.metrics[0], "y_axis_format": "SMART_NUMBER"}
        case "bars" | "lines":
            assert chart.across, f"{chart.name}: across is missing"
            (first, *others) = chart.metrics
            titles = {"x_axis_title": dataset.columns[chart.across][1], "x_axis_title_margin": 30}
            titles |= {} if others else {"y_axis_title": dataset.metrics[first][1], "y_axis_title_margin": 50}
            axis = {"x_axis": chart.across, "time_grain_sqla": _HOUR, "show_legend": True, "rich_tooltip": True}
            return told | axis | titles | {"metrics": list(chart.metrics), "groupby": list(chart.by)}
        case "rows":
            return told | _table(dataset) | {"query_mode": "raw", "all_columns": list(chart.columns)}
        case "summary":
            least_first = {"timeseries_limit_metric": chart.metrics[0], "order_desc": False}
            mode = {"query_mode": "aggregate", "groupby": list(chart.by), "metrics": list(chart.metrics)}
            return told | _table(dataset) | mode | least_first


def asks(chart: Chart, dataset: Dataset) -> dict[str, Any]:
    """Give the query of a chart, for alerts and for programs that ask a chart for its data."""
    filters = [
        {"col": each["subject"], "op": each["operator"], "val": each["comparator"]} for each in _any_time(dataset)
    ]
    return {
        "columns": [*([_axis(chart.across, dataset)] if chart.across else []), *chart.by, *chart.columns],
        "metrics": list(chart.metrics) or None,
        "filters": filters,
        "orderby": [[chart.metrics[0], True]] if chart.kind == "summary" else [],
        "row_limit": _ROWS,
    }


def _table(dataset: Dataset) -> dict[str, Any]:
    """Give how a table looks: one digit after the point, two in degrees, no bars in its cells."""
    fractions = [name for name, (kind, _) in dataset.columns.items() if kind == "DOUBLE"]
    shapes = {name: ".2f" if name in _DEGREES else ".1f" for name in (*fractions, *dataset.metrics)}
    return {
        "show_cell_bars": False,
        "column_config": {name: {"d3NumberFormat": shape} for name, shape in shapes.items()},
    }


def _any_time(dataset: Dataset) -> list[dict[str, Any]]:
    """Give the filter that the dashboard's choice of time takes the place of."""
    if dataset.time is None:
        return []
    place = {"subject": dataset.time, "operator": "TEMPORAL_RANGE", "comparator": "No filter"}
    return [{**place, "clause": "WHERE", "expressionType": "SIMPLE"}]


def _axis(column: str, dataset: Dataset) -> dict[str, Any]:
    grain = {"timeGrain": _HOUR} if column == dataset.time else {}
    return {"columnType": "BASE_AXIS", "expressionType": "SQL", "sqlExpression": column, "label": column, **grain}
