"""The dashboard as the gateway serves it, with files of the test in place of a build."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from parking_api.routes.page import page_routes


def client_of(folder: Path) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(page_routes(folder))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lot", trust_env=False)


@pytest.fixture
def built(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-1a2b.js").write_text("export {}")
    return client_of(tmp_path)


async def test_the_page_is_asked_for_anew_and_lets_nothing_else_in(built):
    page = await built.get("/?view=history")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "unsafe" not in policy
    assert page.headers["etag"]


async def test_its_files_are_kept_for_good(built):
    file = await built.get("/assets/app-1a2b.js")
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["/assets/gone.js", "/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/"])
async def test_nothing_else_is_served(built, path):
    answer = await built.get(path)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_without_a_build_the_page_says_how_to_get_one(tmp_path):
    page = await client_of(tmp_path).get("/")
    assert page.status_code == 200
    assert "make dashboard" in page.text
    assert "content-security-policy" in page.headers
