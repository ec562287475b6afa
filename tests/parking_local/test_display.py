"""What people see: one line per news, the first sessions, a table."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from parking.errors import ParkingError
from parking_local import gateway_client
from parking_local.display import StatusLines, status_table, stay_table
from parking_local.first_sessions import COUNT, FirstSessions
from parking_local.ports import free_port
from parking_operator.reconcile import reconcile
from parking_operator.status import LotStatus
from parking_operator.world import MemoryWorld
from tests.support.gateway import fake_gateway, session
from tests.support.worlds import SITE, LivelyWorld, make_lot


class Screen:
    def __init__(self) -> None:
        self.file = io.StringIO()
        self.console = Console(file=self.file, width=120)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.file.getvalue().splitlines()]


def status(world: MemoryWorld, **spec: Any) -> LotStatus:
    return reconcile(make_lot(**spec), SITE, world, clock=lambda: datetime(2030, 1, 1, tzinfo=UTC)).status


def test_each_change_is_one_line() -> None:
    screen = Screen()
    lines = StatusLines(screen.console)
    waiting, ready = MemoryWorld(), LivelyWorld()
    for told in (status(waiting), status(waiting), status(ready), status(ready)):
        lines.show(told)
    assert [line.split()[:2] for line in screen.lines] == [
        *(["waiting", "topics"], ["waiting", "session"], ["waiting", "cameras"], ["waiting", "gateway"]),
        *(["ready", "topics"], ["ready", "session"], ["ready", "cameras"], ["ready", "gateway"]),
    ]
    assert lines.waiting_for(status(waiting)) == "topics, session job, cameras, gateway"
    assert lines.waiting_for(status(ready)) == ""


def test_a_failure_is_told_with_its_message_and_a_rest_as_such() -> None:
    screen = Screen()
    world = LivelyWorld()
    status(world)
    gateway_ref = next(ref for ref in world.objects if (ref.kind, ref.name) == ("Deployment", "central-gateway"))
    world.objects[gateway_ref]["status"] = {}
    world.errors[gateway_ref] = "ended with code 1: no disk"
    StatusLines(screen.console).show(status(world, suspend=True))
    assert "failing  gateway      Deployment central-gateway: 0 of 2 ready: ended with code 1: no disk" in screen.lines
    assert any(line.startswith("resting  cameras") for line in screen.lines)


def test_the_status_table_has_a_row_per_component() -> None:
    screen = Screen()
    screen.console.print(status_table(status(LivelyWorld())))
    assert [line.split()[0] for line in screen.lines] == ["State", "ready", "ready", "ready", "ready"]


def test_sessions_as_a_table() -> None:
    screen = Screen()
    with fake_gateway() as told:
        told.active = [session("51F-1")]
        told.closed = [session("51F-2", "CLOSED")]
        screen.console.print(stay_table(gateway_client.stays(told.url)))
    assert screen.lines[1].split() == ["A7", "51F-1", "ACTIVE", "17:46:40", "61", "s", "10,000"]
    assert screen.lines[2].split()[:3] == ["A7", "51F-2", "CLOSED"]


def test_first_sessions_are_told_once_and_again_when_they_end() -> None:
    screen = Screen()
    with fake_gateway() as told:
        first = FirstSessions(told.url, screen.console)
        told.active = [session("51F-1")]
        first.show()
        first.show()
        told.active, told.closed = [], [session("51F-1", "CLOSED")]
        first.show()
        assert [line.split()[1:3] for line in screen.lines] == [["51F-1", "ACTIVE"], ["51F-1", "CLOSED"]]
        told.active = [session(f"51F-{n}") for n in range(50)]
        first.show()
        first.show()
    assert len(screen.lines) == COUNT + 1


def test_a_gateway_that_is_away_is_no_drama_at_first_and_an_error_when_asked() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    FirstSessions(url, Screen().console).show()
    with pytest.raises(ParkingError, match=f"the gateway at {url} does not tell its sessions"):
        gateway_client.stays(url)
