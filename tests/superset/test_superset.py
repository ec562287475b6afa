"""The dashboard for Superset, imported into a real one: every chart shows what DuckDB says of the same tables."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from playwright.sync_api import expect

from parking_jobs.lake.superset.bundle import DATABASE, files_of, zipped
from parking_jobs.lake.superset.spec import Dashboard, dashboard
from parking_jobs.lake.views import views
from tests.support.browser import SCREENSHOTS, chromium
from tests.support.superset import PASSWORD, USER, Superset, data_of, import_bundle, listed, superset, update_from

pytestmark = [pytest.mark.superset, pytest.mark.timeout(600)]

TABLES = """
CREATE TABLE sessions AS SELECT
    'S' || n AS session_id, 'lot' AS lot, 'P' || n AS license_plate, 'A' || n AS location,
    TIMESTAMP '2026-01-31 08:00:00' + n * INTERVAL 7 MINUTE AS start_time, start_time + INTERVAL 50 MINUTE AS end_time,
    3000 AS duration, 1000 * n AS cost, 'VND' AS currency, CASE WHEN n < 35 THEN 'CLOSED' ELSE 'ACTIVE' END AS status
    FROM range(40) AS numbers (n);
CREATE TABLE vehicle AS SELECT
    'v' || n AS id, 'D' || n % 20 AS device_id, 'P' || n % 20 AS license_plate,
    TIMESTAMP '2026-01-31 07:55:00' + n * INTERVAL 15 SECOND AS event_time,
    10.7 + n * 0.0002 AS latitude, 106.6 + n * 0.0001 AS longitude, 20 + n % 30 AS speed
    FROM range(600) AS numbers (n);
CREATE TABLE gps AS SELECT 'g' || id AS id, device_id, event_time, latitude, longitude, speed FROM vehicle;
CREATE TABLE weather AS SELECT
    'w' || id AS id, device_id, event_time, CASE WHEN speed < 30 THEN 'Rain' ELSE 'Clear' END AS weather_condition,
    CASE WHEN speed < 25 THEN 12.0 WHEN speed < 30 THEN 1.0 ELSE 0.0 END AS precipitation
    FROM vehicle;
CREATE TABLE emergency AS SELECT
    'e' || id AS id, device_id, event_time, latitude, longitude,
    'I' || (speed % 3)::INT AS incident_id, 'Accident' AS type,
    CASE WHEN event_time < TIMESTAMP '2026-01-31 09:00:00' THEN 'Active' ELSE 'Resolved' END AS status
    FROM vehicle WHERE speed < 26;
"""
EXPECTED = {
    "Journeys": "SELECT count(*) FROM journeys",
    "Kilometres driven": "SELECT sum(kilometres) FROM journeys",
    "Incidents": "SELECT count(*) FROM incidents_and_delay",
    "Average stay (min)": "SELECT avg(duration) / 60 FROM sessions WHERE status <> 'ACTIVE'",
    "Revenue per hour": """
        SELECT date_trunc('hour', end_time), currency, sum(cost) FROM sessions
        WHERE status <> 'ACTIVE' GROUP BY ALL
    """,
    "Arrivals and departures per hour": "SELECT hour, begun, from_road, ended FROM arrivals_against_occupancy",
    "Cars parked": "SELECT hour, parked FROM arrivals_against_occupancy",
    "Speed on the road": """
        WITH measured AS (SELECT date_trunc('hour', event_time) AS hour, avg(speed) AS speed FROM gps GROUP BY 1)
        SELECT hour, speed, min(tenth_speed) FROM measured JOIN speed_by_segment USING (hour) GROUP BY ALL
    """,
    "Speed by weather": "SELECT weather_condition, rain, average_speed FROM weather_against_speed",
    "Slow pieces of the road": """
        SELECT latitude, longitude, sum(average_speed * records) / sum(records), min(tenth_speed), sum(records)
        FROM speed_by_segment GROUP BY ALL
    """,
    "Incidents and what they cost": """
        SELECT type, first_reported, resolved, reporters, speed_active, speed_otherwise, delay FROM incidents_and_delay
    """,
    "Journeys one by one": """
        SELECT device_id, license_plate, first_seen, kilometres, average_speed, top_speed, bay, parked_at FROM journeys
    """,
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as `parking query --save` writes it."""
    path = tmp_path_factory.mktemp("lake") / "lake.duckdb"
    with duckdb.connect(path) as file:
        file.execute(TABLES)
        for name, view in views().items():
            file.execute(f"CREATE VIEW {name} AS {view.sql}")
    return path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    with superset(tmp_path_factory.mktemp("superset")) as served:
        yield served


@pytest.fixture(scope="module")
def client(running: Superset, lake: Path) -> Iterator[httpx.Client]:
    """Someone who has imported the bundle."""
    with running.signed_in() as signed_in:
        import_bundle(signed_in, bundle(lake, dashboard()))
        yield signed_in


def bundle(lake: Path, told: Dashboard) -> bytes:
    return zipped(files_of(told, views(), f"duckdb:///{lake}?access_mode=read_only"))


def plain(value: Any) -> Any:
    """Write a value so that two writings of it are equal: times as milliseconds, numbers to nine digits."""
    if hasattr(value, "timestamp"):
        value = value.replace(tzinfo=None).isoformat()
        return plain(duckdb.execute("SELECT epoch_ms(?::TIMESTAMP)", [value]).fetchall()[0][0])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(f"{value:.9g}") if math.isfinite(value) else None
    return value


def in_some_order(rows: list[list[Any]]) -> list[list[Any]]:
    return sorted(([plain(value) for value in row] for row in rows), key=repr)


def test_all_of_the_bundle_is_there(client: httpx.Client) -> None:
    told = dashboard()
    assert [each["database_name"] for each in listed(client, "database")] == [DATABASE]
    assert {each["table_name"] for each in listed(client, "dataset")} == set(views())
    assert {each["slice_name"] for each in listed(client, "chart")} == {chart.name for chart in told.charts}
    (shown,) = listed(client, "dashboard")
    assert (shown["dashboard_title"], shown["slug"], shown["published"]) == (told.title, told.slug, True)
    placed = client.get(f"/api/v1/dashboard/{shown['id']}/charts").raise_for_status().json()["result"]
    assert {each["slice_name"] for each in placed} == {chart.name for chart in told.charts}


@pytest.mark.parametrize("chart", EXPECTED)
def test_a_chart_shows_what_the_tables_say(client: httpx.Client, lake: Path, chart: str) -> None:
    (number,) = [each["id"] for each in listed(client, "chart") if each["slice_name"] == chart]
    rows = [list(row.values()) for row in data_of(client, number)]
    with duckdb.connect(lake, read_only=True) as file:
        expected = [list(row) for row in file.execute(EXPECTED[chart]).fetchall()]
    assert rows
    assert in_some_order(rows) == in_some_order(expected)


def test_no_chart_goes_unchecked() -> None:
    assert {chart.name for chart in dashboard().charts} == set(EXPECTED)


def test_the_dashboard_draws_every_chart(client: httpx.Client, running: Superset) -> None:
    assert listed(client, "dashboard")
    kinds = Counter(chart.kind for chart in dashboard().charts)
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1_600, "height": 1_900}).new_page()
        # It tells its makers about each visit, unless it was built otherwise.
        page.route(lambda url: not url.startswith(running.url), lambda route: route.abort())
        page.goto(f"{running.url}/login/")
        page.locator("input[type=text]").fill(USER)
        page.locator("input[type=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/superset/welcome/**")
        page.goto(f"{running.url}/superset/dashboard/{dashboard().slug}/")
        expect(page.locator(".header-title")).to_have_text([chart.name for chart in dashboard().charts], timeout=60_000)
        expect(page.locator("canvas")).to_have_count(kinds["bars"] + kinds["lines"], timeout=60_000)
        expect(page.locator(".header-line")).to_have_count(kinds["number"], timeout=60_000)
        expect(page.locator(".loading, [data-test='loading-indicator']")).to_have_count(0, timeout=60_000)
        expect(page.get_by_text("Accident", exact=True).first).to_be_visible(timeout=60_000)
        expect(page.locator("[role=alert]")).to_have_count(0)
        page.screenshot(path=SCREENSHOTS / "superset.png")


def test_importing_again_changes_nothing(client: httpx.Client, lake: Path) -> None:
    def there() -> dict[str, list[int]]:
        return {what: [each["id"] for each in listed(client, what)] for what in ("database", "dataset", "chart")}

    before = there()
    for bring in (import_bundle, update_from):
        bring(client, bundle(lake, dashboard()))
        assert there() == before


def test_a_metric_of_a_column_that_is_not_there_is_noticed(client: httpx.Client, lake: Path) -> None:
    told = dashboard().model_dump()
    told["datasets"]["journeys"]["metrics"]["distance"] = ("SUM(miles)", "Distance")
    update_from(client, bundle(lake, Dashboard.model_validate(told)))
    (number,) = [each["id"] for each in listed(client, "chart") if each["slice_name"] == "Kilometres driven"]
    with pytest.raises(AssertionError, match="miles"):
        data_of(client, number)
    update_from(client, bundle(lake, dashboard()))
    assert data_of(client, number)
