"""What crashes comes back, and data survives a restart."""

import pytest

from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def closed(platform: Platform) -> int:
    return platform.get("/api/statistics")["closed_sessions_total"]


def test_a_killed_gateway_comes_back_with_the_whole_table(platform: Platform) -> None:
    before = platform.until(lambda: closed(platform), 120, "closed sessions")
    killed = platform.processes()["parking_api"]
    killed.kill()
    platform.until(lambda: platform.processes().get("parking_api", killed) != killed, 60, "a new gateway")
    platform.wait_live()
    assert closed(platform) >= before


def test_the_second_start_goes_on_where_the_first_ended(platform: Platform) -> None:
    before = closed(platform)
    assert platform.stop() == 0
    platform.start().wait_live()
    assert closed(platform) >= before
    platform.until(lambda: closed(platform) > before, 120, "sessions that end after the restart")
