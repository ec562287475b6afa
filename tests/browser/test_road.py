"""The road in a real browser: real Kafka, a real gateway, vehicles as the test has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import jsonschema
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from parking.road import RoadTopic
from tests.support.broker import create_topics, produce
from tests.support.browser import axe, chromium, page_of, screenshot
from tests.support.cluster.waiting import eventually
from tests.support.live_gateway import ROAD, Gateway, running_gateway
from tests.support.road_records import record

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.timeout(120)]

TOPIC = "processed-of-the-road"
SOON_MS = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def gateway(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    create_topics(kafka, [TOPIC, ROAD.gps_topic, ROAD.emergency_topic], partitions=2)
    folder = tmp_path_factory.mktemp("gateway")
    with running_gateway(folder, bootstrap_servers=kafka, topic=TOPIC, road=ROAD) as running:
        running.wait_for("/readyz", ready=True)
        yield running


def report(kafka: str, topic: RoadTopic, device: str, **changes: object) -> None:
    produce(
        kafka, topic, [(device, record(topic, deviceId=device, timestamp=datetime.now(UTC).isoformat(), **changes))]
    )


@contextmanager
def road_of(browser: Browser, gateway: Gateway) -> Iterator[Page]:
    with page_of(browser, width=1_280, height=860) as page:
        page.goto(f"{gateway.url}/")
        page.get_by_role("link", name="Road", exact=True).click()
        yield page


def left_of(drawn: Locator) -> float:
    place = drawn.bounding_box()
    assert place, "it is not drawn"
    return place["x"]


def test_vehicles_are_drawn_move_and_go(browser: Browser, gateway: Gateway, kafka: str) -> None:
    with road_of(browser, gateway) as page:
        report(kafka, RoadTopic.GPS, "veh-a", latitude=10.76, longitude=106.66)
        report(kafka, RoadTopic.GPS, "veh-b", latitude=10.78, longitude=106.69, direction=0.0)
        report(kafka, RoadTopic.EMERGENCY, "veh-b", location=[10.77, 106.68])
        vehicle = page.locator("[data-device=veh-a]")
        expect(vehicle).to_be_visible(timeout=SOON_MS)
        expect(page.get_by_test_id("road-count")).to_have_text("2 vehicles on the way", timeout=SOON_MS)
        expect(page.get_by_test_id("road-incident")).to_have_count(1, timeout=SOON_MS)
        before = left_of(vehicle)
        page.get_by_text("Vehicles as a list").click()
        expect(page.get_by_role("rowheader", name="veh-b")).to_be_visible()
        assert axe(page) == []
        screenshot(page, "road")

        report(kafka, RoadTopic.GPS, "veh-a", latitude=10.78, longitude=106.69)
        eventually(lambda: left_of(vehicle) > before + 50, timeout=SOON_MS / 1_000)
        expect(vehicle).to_have_count(0, timeout=2 * SOON_MS)
        expect(page.get_by_test_id("road-count")).to_have_text("0 vehicles on the way", timeout=SOON_MS)


def test_the_answer_is_as_its_model_says(gateway: Gateway, kafka: str) -> None:
    report(kafka, RoadTopic.GPS, "veh-c")
    schemas = gateway.get("/api/openapi.json").json()["components"]
    gateway.wait_for("/api/v2/lot", has_road=True)
    answer = gateway.get("/api/v2/road").json()
    jsonschema.validate(answer, {"$ref": "#/components/schemas/Road", "components": schemas})
    assert "parking_gateway_road_vehicles" in gateway.get("/metrics").text


def test_a_lot_without_a_road_shows_none(
    browser: Browser, kafka: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("without")
    with (
        running_gateway(folder, bootstrap_servers=kafka, topic=TOPIC) as running,
        page_of(browser, width=1_280, height=860) as page,
    ):
        running.wait_for("/readyz", ready=True)
        page.goto(f"{running.url}/?view=road")
        expect(page.get_by_role("link", name="History")).to_be_visible()
        expect(page.get_by_role("link", name="Road", exact=True)).to_have_count(0)
        expect(page.locator("[data-bay=A1]")).to_be_visible()
