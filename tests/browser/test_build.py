"""What `make dashboard` built: small, whole, and with the notices that the licences in it ask for."""

import gzip
import re

import pytest

from parking_api.routes.page import DASHBOARD

pytestmark = pytest.mark.browser

MOST_BYTES = 120_000
"""Of JavaScript, compressed, all that is loaded late included."""


def test_the_javascript_stays_small():
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in DASHBOARD.glob("assets/*.js")}
    assert sizes
    assert sum(sizes.values()) < MOST_BYTES, sizes


def test_the_page_names_files_that_are_there_and_nothing_else():
    page = (DASHBOARD / "index.html").read_text()
    named = set(re.findall(r'(?:src|href)="([^"]+)"', page)) - {"/api/status"}
    assert named
    assert all((DASHBOARD / address.lstrip("/")).is_file() for address in named), named
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page)


def test_notices_of_others_go_with_their_code():
    notices = (DASHBOARD / "assets" / "licenses.txt").read_text()
    for name in ("svelte", "socket.io-client", "uplot", "intl-messageformat"):
        assert f"Name: {name}\n" in notices
    assert notices.count("Permission is hereby granted") >= 4
