"""Debian's Chromium, driven by Playwright: pages that fail a test for what they complain of, pictures, and axe."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "tests" / "output" / "screenshots"
AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HERE = "127.0.0.1"
_RUN_AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`));
}"""


@contextmanager
def chromium(program: str | None = None) -> Iterator[Browser]:
    """Start a browser; where there is none the calling test is skipped, but not in CI."""
    program = program or next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        assert not os.environ.get("CI"), "no Chromium: apt-get install chromium"
        pytest.skip("needs Chromium on PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser: Browser, *, width: int, height: int, failing: str = "", **context: Any) -> Iterator[Page]:
    """Open a page that nothing ever was in; fails at the end when it complained of something or went elsewhere.

    With ``failing``, which says why, requests may fail and the page may complain of that.
    """
    complaints: list[str] = []
    settings = {"locale": "en-GB", "viewport": {"width": width, "height": height}, **context}
    opened = browser.new_context(reduced_motion="reduce", **settings)
    opened.set_default_timeout(10_000)
    opened.route("**/*", lambda route: _stay_here(route, complaints))
    page = opened.new_page()
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    if not failing:
        page.on(
            "console", lambda said: said.type in {"error", "warning"} and complaints.append(f"console: {said.text}")
        )
        page.on("requestfailed", lambda request: complaints.append(_failure(request)))
    try:
        yield page
    except BaseException:
        screenshot(page, "failed")
        raise
    finally:
        opened.close()
    serious = [complaint for complaint in complaints if not complaint.endswith("net::ERR_ABORTED")]
    assert not serious, "\n".join(serious)


def _stay_here(route: Route, complaints: list[str]) -> None:
    if urlsplit(route.request.url).hostname == HERE:
        route.continue_()
    else:
        complaints.append(f"request to elsewhere: {route.request.url}")
        route.abort()


def _failure(request: Request) -> str:
    """Say what went wrong; a request that is under way when a page is left ends as net::ERR_ABORTED."""
    return f"request failed: {request.url}: {request.failure}"


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of what is to be seen."""
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def axe(page: Page) -> list[str]:
    """Give what stands in the way of people with disabilities, as axe sees it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_RUN_AXE)
    return found
