"""The dashboard in a real browser, of a lot that is up as a user starts it: real Kafka, real Spark, real gateway.

Cars come and go as the test says; what the page then shows is what an attendant sees. Pictures of every view are in
``tests/output/screenshots``.
"""

import csv
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.attendant import Attendant
from tests.support.browser import axe, chromium, page_of, screenshot
from tests.support.platform import Platform

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.spark, pytest.mark.timeout(300)]

SLOW_MS = 30_000
"""How long a car may take from its camera to the page; Spark takes a second, the machine may be busy."""
PAST_STAYS = 120
MAX_STAY_SECONDS = 8
TIMEOUT_SECONDS = 6
LOT: dict[str, Any] = {
    "apiVersion": "parking.dev/v1alpha1",
    "kind": "ParkingLot",
    "metadata": {"name": "central"},
    "spec": {
        "layout": {"rows": {"A": 6, "B": 6}},
        "timeZone": "Asia/Ho_Chi_Minh",
        "maxStay": f"{MAX_STAY_SECONDS}s",
        "cameras": {"source": "External"},
        "sessions": {"engine": "Spark", "shards": 2, "timeoutSeconds": TIMEOUT_SECONDS},
        "gateway": {"otherLots": [{"name": "North", "url": "https://north.example/"}]},
    },
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform(LOT, tmp_path_factory.mktemp("dashboard")) as started:
        yield started.wait_ready()


@pytest.fixture(scope="module")
def attendant(platform: Platform) -> Iterator[Attendant]:
    """A lot with a past: an hour's worth of stays, on which the tests then build."""
    with Attendant(platform.bootstrap_servers) as cars:
        first = int(time.time()) - 3_600
        cars.stayed(
            (f"30F-{n:03}.{n % 7}", f"B{n % 6 + 1}", first + 25 * n, first + 25 * n + 60) for n in range(PAST_STAYS)
        )
        platform.until(
            lambda: platform.get("/api/statistics")["closed_sessions_total"] == PAST_STAYS, 60, "the past stays"
        )
        yield cars


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, platform: Platform, attendant: Attendant) -> Iterator[Page]:
    """The live view, as wide as an attendant's screen."""
    with page_of(browser, width=1_440, height=900) as opened:
        yield visit(opened, platform)


def visit(page: Page, platform: Platform, address: str = "/") -> Page:
    page.goto(platform.url + address)
    return page


def bay(page: Page, name: str) -> Locator:
    return page.locator(f'[data-bay="{name}"]')


def expect_state(page: Page, name: str, state: str | re.Pattern[str]) -> None:
    expect(bay(page, name)).to_have_attribute("data-state", state, timeout=SLOW_MS)


TAKEN = re.compile("occupied|overstaying")
"""What a car's bay is, however long the page took to show it."""


def figure(page: Page, name: str) -> Locator:
    return page.get_by_test_id(f"figure-{name}")


def feed_rows(page: Page, plate: str, kind: str) -> Locator:
    return page.get_by_test_id("feed-row").and_(page.locator(f'[data-kind="{kind}"]')).filter(has_text=plate)


def number(text: str | None) -> int:
    digits = re.sub(r"\D", "", text or "")
    assert digits, text
    return int(digits)


def test_a_car_comes_parks_overstays_and_leaves(page: Page, attendant: Attendant) -> None:
    expect_state(page, "A1", "free")
    busy, entries = (number(figure(page, name).text_content()) for name in ("busy", "entries"))
    attendant.enters("A1", "51A-111.11")

    expect_state(page, "A1", "occupied")
    expect(bay(page, "A1")).to_have_attribute("aria-label", re.compile("A1.*51A-111.11"))
    expect(feed_rows(page, "51A-111.11", "entry")).to_have_count(1)
    expect(figure(page, "busy")).to_have_text(str(busy + 1))
    expect(figure(page, "entries")).to_have_text(str(entries + 1), timeout=SLOW_MS)
    expect(figure(page, "age")).to_have_text(re.compile(r"\b[0-3] s"))

    bay(page, "A1").click()
    drawer = page.get_by_test_id("drawer")
    expect(drawer).to_contain_text("51A-111.11")
    expect(page.get_by_test_id("drawer-fee")).to_contain_text("10,000")
    expect(page.get_by_test_id("drawer-step")).to_have_text(re.compile(r"^1 . 10 min at .*10,000 = .*10,000$"))
    stay = page.get_by_test_id("drawer-stay")
    shown = stay.text_content()
    expect(stay).not_to_have_text(shown or "", timeout=3_000)
    screenshot(page, "drawer")

    expect_state(page, "A1", "overstaying")
    exits, revenue = (number(figure(page, name).text_content()) for name in ("exits", "revenue"))
    attendant.leaves("A1")
    expect_state(page, "A1", "free")
    expect(feed_rows(page, "51A-111.11", "exit")).to_have_count(1)
    expect(page.get_by_test_id("toast").filter(has_text="51A-111.11 left A1")).to_be_visible()
    expect(figure(page, "exits")).to_have_text(str(exits + 1), timeout=SLOW_MS)
    expect(figure(page, "revenue")).to_have_text(re.compile(f"{revenue + 10_000:,}"), timeout=SLOW_MS)
    expect(page.get_by_test_id("drawer-history-row").filter(has_text="51A-111.11")).to_have_count(1)
    expect(feed_rows(page, "51A-111.11", "entry")).to_have_count(1)


def test_a_bay_whose_camera_falls_silent_is_unknown_until_it_speaks(page: Page, attendant: Attendant) -> None:
    attendant.enters("A2", "51A-222.22")
    expect_state(page, "A2", "occupied")
    attendant.vanishes("A2")
    expect_state(page, "A2", "unknown")
    vanished = feed_rows(page, "51A-222.22", "exit")
    expect(vanished).to_contain_text("vanished", timeout=SLOW_MS)
    page.reload()
    expect_state(page, "A2", "unknown")
    attendant.enters("A2", "51A-222.23")
    expect_state(page, "A2", "occupied")
    attendant.leaves("A2")
    expect_state(page, "A2", "free")


def test_the_map_by_keyboard(page: Page) -> None:
    expect_state(page, "A1", "free")
    bay(page, "A1").focus()
    for key, expected in (("ArrowRight", "A2"), ("ArrowDown", "B2"), ("End", "B6"), ("Home", "B1"), ("ArrowUp", "A1")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.dataset.bay") == expected
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("drawer")).to_contain_text("A1")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("drawer")).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.bay") == "A1"


def test_the_feed_can_be_paused(page: Page, attendant: Attendant) -> None:
    expect_state(page, "A3", "free")
    page.get_by_test_id("feed-pause").click()
    attendant.enters("A3", "51A-333.33")
    expect_state(page, "A3", "occupied")
    expect(page.get_by_test_id("feed")).to_contain_text("1 new since the pause")
    expect(feed_rows(page, "51A-333.33", "entry")).to_have_count(0)
    page.get_by_test_id("feed-pause").click()
    expect(feed_rows(page, "51A-333.33", "entry")).to_have_count(1)
    attendant.leaves("A3")
    expect_state(page, "A3", "free")


def test_plates_are_found_parked_or_gone(page: Page, attendant: Attendant) -> None:
    attendant.enters("A4", "51A-444.44")
    expect_state(page, "A4", "occupied")
    page.get_by_test_id("search").fill("444 44")
    results = page.get_by_test_id("search-results")
    expect(results).to_contain_text("51A-444.44")
    page.get_by_test_id("search").fill("30f-007")
    expect(results).to_contain_text("30F-007.0")
    screenshot(page, "search")
    page.get_by_test_id("search").fill("51a44444")
    results.get_by_role("button", name=re.compile("51A-444.44")).click()
    expect(page.get_by_test_id("drawer")).to_contain_text("51A-444.44")
    assert "bay=A4" in page.url
    page.get_by_test_id("search").fill("99Z")
    expect(results).to_contain_text("No car with")
    attendant.leaves("A4")


def test_history_is_paged_filtered_by_address_and_exported(page: Page, platform: Platform) -> None:
    visit(page, platform, "/?view=history&plate=30F")
    rows = page.get_by_test_id("history-row")
    pages = []
    for _ in range(3):
        expect(rows).not_to_have_count(0)
        pages.append([row.get_attribute("data-session") for row in rows.all()])
        if page.get_by_test_id("history-next").is_disabled():
            break
        first = pages[-1][0]
        page.get_by_test_id("history-next").click()
        expect(rows.first).not_to_have_attribute("data-session", first or "")
    assert [len(ids) for ids in pages] == [50, 50, 20]
    assert len({one for ids in pages for one in ids}) == PAST_STAYS
    page.go_back()
    expect(rows.first).to_have_attribute("data-session", pages[1][0] or "")
    page.reload()
    expect(rows.first).to_have_attribute("data-session", pages[1][0] or "")
    page.get_by_test_id("history-prev").click()
    expect(rows.first).to_have_attribute("data-session", pages[0][0] or "")
    page.evaluate("scrollTo(0, 0)")
    screenshot(page, "history")
    assert axe(page) == []

    page.get_by_label("Bay", exact=True).fill("b3")
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(PAST_STAYS // 6)
    assert "location=b3" in page.url
    with page.expect_download() as waiting:
        page.get_by_test_id("history-export").click()
    with waiting.value.path().open(encoding="utf-8-sig", newline="") as file:
        exported = list(csv.DictReader(file))
    assert {row["session_id"] for row in exported} == {row.get_attribute("data-session") for row in rows.all()}
    assert {row["location"] for row in exported} == {"B3"}
    assert all(row["start_local"].endswith("+07:00") for row in exported)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_for_all(browser: Browser, platform: Platform, attendant: Attendant, scheme: Any) -> None:
    attendant.enters("A5", "51A-555.55")
    attendant.enters("A6", "51A-666.66")
    with page_of(browser, width=1_440, height=900, color_scheme=scheme) as page:
        visit(page, platform)
        expect_state(page, "A6", "overstaying")
        attendant.vanishes("A6")
        expect_state(page, "A6", "unknown")
        expect(page.get_by_test_id("trend")).to_contain_text("now, of 12 bays")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", dark)[:3])) < 3 * 128) == (scheme == "dark")
        assert axe(page) == []
        screenshot(page, f"live-{scheme}")
        bay(page, "A5").click()
        expect(
            page.get_by_test_id("drawer-history-row").or_(page.get_by_text("Nobody left this bay"))
        ).not_to_have_count(0)
        assert axe(page) == []
        visit(page, platform, "/?view=wall")
        expect_state(page, "A5", "overstaying")
        assert axe(page) == []
        assert page.locator("button, a, input, select").count() == 0, "a wall has no controls"
        screenshot(page, f"wall-{scheme}")
    attendant.leaves("A5")


def test_phone_width(browser: Browser, platform: Platform, attendant: Attendant) -> None:
    with page_of(browser, width=360, height=740) as page:
        for address in ("/", "/?bay=B1", "/?view=history"):
            visit(page, platform, address)
            ready = "history-row" if "history" in address else "map"
            expect(page.get_by_test_id(ready).first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert axe(page) == []
            screenshot(page, f"phone{re.sub(r'[^a-z]+', '-', address).rstrip('-')}")


def test_in_vietnamese(browser: Browser, platform: Platform, attendant: Attendant) -> None:
    with page_of(browser, width=1_440, height=900, locale="vi-VN") as page:
        visit(page, platform)
        expect(page.locator("html")).to_have_attribute("lang", "vi")
        expect(bay(page, "A1")).to_have_attribute("aria-label", re.compile("trống"))
        expect(figure(page, "revenue")).to_have_text(re.compile(r"\d+\.000"))
        assert axe(page) == []
        screenshot(page, "vietnamese")
        page.get_by_role("button", name="EN: English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", "en")


def test_other_lots_are_a_link_away(page: Page) -> None:
    expect(page.get_by_role("link", name="North")).to_have_attribute("href", "https://north.example/")


def test_a_broker_that_stops_is_told_of_and_then_all_goes_on(
    browser: Browser, platform: Platform, attendant: Attendant
) -> None:
    with page_of(browser, width=1_440, height=900) as page:
        visit(page, platform)
        expect_state(page, "B1", "free")
        broker = platform.processes()["kafka.Kafka"]
        broker.send_signal(signal.SIGSTOP)
        try:
            banner = page.get_by_test_id("banner")
            expect(banner).to_contain_text("does not answer", timeout=SLOW_MS)
            expect(page.locator("body")).to_have_attribute("data-stale", re.compile("."))
            assert axe(page) == []
            screenshot(page, "stale")
        finally:
            broker.send_signal(signal.SIGCONT)
        expect(banner).to_have_count(0, timeout=SLOW_MS)
        attendant.enters("B1", "51B-111.11")
        expect_state(page, "B1", TAKEN)
        attendant.leaves("B1")
        expect_state(page, "B1", "free")
        expect(feed_rows(page, "51B-111.11", "entry")).to_have_count(1)


def test_a_gateway_that_dies_is_told_of_and_nothing_is_missed_or_doubled(
    browser: Browser, platform: Platform, attendant: Attendant
) -> None:
    with page_of(browser, width=1_440, height=900, failing="the gateway is away for a while") as page:
        visit(page, platform)
        attendant.enters("B2", "51B-222.22")
        expect_state(page, "B2", "occupied")
        expect(feed_rows(page, "51B-222.22", "entry")).to_have_count(1)
        platform.processes()["parking_api"].send_signal(signal.SIGKILL)
        attendant.enters("B3", "51B-333.33")
        attendant.leaves("B2")
        expect(page.get_by_test_id("banner")).to_contain_text("Connection lost")
        screenshot(page, "offline")
        expect(page.get_by_test_id("banner")).to_have_count(0, timeout=SLOW_MS)
        expect_state(page, "B3", TAKEN)
        expect_state(page, "B2", "free")
        for plate, kind in (("51B-222.22", "entry"), ("51B-222.22", "exit"), ("51B-333.33", "entry")):
            expect(feed_rows(page, plate, kind)).to_have_count(1, timeout=SLOW_MS)
        shown = {one["license_plate"] for one in platform.get("/api/sessions/active")["active_sessions"]}
        assert shown == {"51B-333.33"}
        expect(figure(page, "busy")).to_have_text("1")
        attendant.leaves("B3")
        expect_state(page, "B3", "free")


def test_without_a_network_the_page_says_so_and_comes_back(
    browser: Browser, platform: Platform, attendant: Attendant
) -> None:
    with page_of(browser, width=1_440, height=900, failing="there is no network for a while") as page:
        visit(page, platform)
        expect_state(page, "B4", "free")
        page.context.set_offline(True)
        expect(page.get_by_test_id("banner")).to_contain_text("Connection lost", timeout=SLOW_MS)
        attendant.enters("B4", "51B-444.44")
        page.context.set_offline(False)
        expect(page.get_by_test_id("banner")).to_have_count(0, timeout=SLOW_MS)
        expect_state(page, "B4", TAKEN)
        expect(feed_rows(page, "51B-444.44", "entry")).to_have_count(1)
        attendant.leaves("B4")
        expect_state(page, "B4", "free")
