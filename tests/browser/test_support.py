"""What the dashboard's tests rely on can fail: a page's complaints, requests to elsewhere, axe."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.support.browser import axe, chromium, page_of

pytestmark = pytest.mark.browser

PAGE = '<!doctype html><html lang="en"><title>t</title><main><h1>t</h1>{}</main>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    """A server of one page, whose body is the last of a list."""
    bodies = [""]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.format(bodies[-1]).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def visit(browser: Browser, site: tuple[str, list[str]], body: str, **options: str) -> list[str]:
    url, bodies = site
    bodies.append(body)
    with page_of(browser, width=800, height=600, **options) as page:
        page.goto(url)
        page.wait_for_load_state("networkidle")
        return axe(page)


FAVICON = '<link rel="icon" href="data:,">'


def test_a_page_without_fault_passes(browser, site):
    assert visit(browser, site, f"{FAVICON}<p>nothing wrong</p>") == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("<script>console.error('a fault')</script>", "console: a fault"),
        ("<script>throw new Error('thrown')</script>", "error: thrown"),
        ('<img src="/gone.png" alt="x">', "console: Failed to load"),
        ('<img src="http://elsewhere.example/x.png" alt="x">', "request to elsewhere: http://elsewhere.example/x.png"),
    ],
)
def test_what_a_page_complains_of_fails_the_test(browser, site, body, named):
    with pytest.raises(AssertionError) as complained:
        visit(browser, site, FAVICON + body)
    assert named in str(complained.value)


def test_a_request_to_elsewhere_is_never_excused(browser, site):
    with pytest.raises(AssertionError, match=r"elsewhere\.example"):
        visit(browser, site, FAVICON + '<img src="http://elsewhere.example/x.png" alt="x">', failing="on purpose")


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<img src="data:," width="1" height="1">', "image-alt"),
        ('<p style="color: #bbb; background: #fff">faint</p>', "color-contrast"),
        ("<button></button>", "button-name"),
    ],
)
def test_axe_finds_what_is_wrong(browser, site, body, rule):
    found = visit(browser, site, FAVICON + body, failing="the picture is none")
    assert [line.split(":")[0] for line in found] == [rule]
