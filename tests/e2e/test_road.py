"""The road and its lake on this machine, from the example that people start with."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.spark, pytest.mark.timeout(400)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "road.yaml"
TABLES = ("vehicle", "gps", "traffic", "weather", "emergency", "sessions")
VIEWS = (
    "journeys",
    "speed_by_segment",
    "incidents_and_delay",
    "weather_against_speed",
    "arrivals_against_occupancy",
    "revenue_per_hour",
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The example, with a shorter pause between commits."""
    manifest = yaml.safe_load(EXAMPLE.read_text())
    manifest["spec"]["road"]["lake"] = {"trigger": "2s"}
    with Platform(manifest, tmp_path_factory.mktemp("road")) as started:
        yield started.wait_ready()


def ask(platform: Platform, sql: str) -> list[dict[str, Any]]:
    """Run ``parking query``."""
    argv = [sys.executable, "-m", "parking_local", "query", sql, "--format", "json", "--data", str(platform.data)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def counted(platform: Platform, table: str) -> int:
    count: int = ask(platform, f"SELECT count(*) AS n FROM {table}")[0]["n"]
    return count


def test_all_five_topics_and_the_sessions_land_in_tables(platform: Platform) -> None:
    platform.until(lambda: all(counted(platform, table) > 0 for table in TABLES), 120, "rows in every table")
    assert counted(platform, "quarantine") == 0
    told = ask(platform, "SELECT min(speed) AS low, max(speed) AS high, count(DISTINCT device_id) AS n FROM vehicle")[0]
    assert 0 <= told["low"] < told["high"] < 120
    assert told["n"] >= 10
    (picture,) = ask(platform, "SELECT snapshot_type, octet_length(snapshot_data) AS size FROM traffic LIMIT 1")
    assert picture["snapshot_type"] == "image/jpeg"
    assert 500 < picture["size"] < 32_768


def test_the_gateway_shows_vehicles_on_their_way(platform: Platform) -> None:
    told = platform.until(lambda: (road := platform.get("/api/v2/road"))["vehicles"] and road, 60, "vehicles")
    south, north = (edge(latitude for latitude, _ in told["route"]) for edge in (min, max))
    assert all(south - 0.01 < vehicle["latitude"] < north + 0.01 for vehicle in told["vehicles"])
    assert 5 < len(told["vehicles"]) < 100


def test_a_vehicle_that_arrives_is_seen_parking(platform: Platform) -> None:
    sql = (
        "SELECT DISTINCT s.license_plate, s.location FROM sessions AS s"
        " JOIN vehicle AS v ON v.license_plate = s.license_plate"
    )
    parked = platform.until(lambda: ask(platform, sql), 150, "a session of a vehicle from the road")
    plates = {row["license_plate"] for row in parked}
    assert {row["location"] for row in parked} <= {f"B{bay}" for bay in range(6, 21)}
    told = [
        *platform.get("/api/sessions/active")["active_sessions"],
        *platform.get("/api/sessions/closed")["closed_sessions"],
    ]
    assert plates & {session["license_plate"] for session in told}, "the gateway shows them as it does any other"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_an_answer(platform: Platform, view: str) -> None:
    def rows() -> list[dict[str, Any]]:
        return ask(platform, view)

    if view == "incidents_and_delay":  # there may be none near anybody in these minutes
        assert isinstance(rows(), list)
        return
    found = platform.until(rows, 120, f"an answer of {view}")
    if view == "journeys":
        assert max(row["kilometres"] for row in found) > 0


def test_what_there_is_is_told_on_the_terminal(platform: Platform) -> None:
    argv = [sys.executable, "-m", "parking_local", "query", "--data", str(platform.data)]
    told = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout
    assert [name for name in (*VIEWS, *TABLES) if f"\n{name} " not in f"\n{told}"] == []


def test_a_file_for_other_tools_answers_the_same(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "lake.duckdb"
    argv = [sys.executable, "-m", "parking_local", "query", "--save", str(path), "--data", str(platform.data)]
    subprocess.run(argv, capture_output=True, timeout=120, check=True)
    with duckdb.connect(path, read_only=True) as file:
        counts = {table: file.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in TABLES}
        assert all(0 < count <= counted(platform, table) for table, count in counts.items())
        assert file.execute("SELECT count(*) FROM journeys").fetchall()[0][0] > 0
