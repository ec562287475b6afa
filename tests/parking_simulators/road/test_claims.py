import time
from base64 import b64decode
from pathlib import Path
from threading import Event

import pytest

from parking.road_spec import Snapshots
from parking_simulators.road.claims import Claims
from parking_simulators.road.store import NotStoredError, SnapshotStore
from parking_simulators.times import Time
from tests.parking_simulators.road.support import road_document
from tests.support.cameras import START

SMALL, LARGE = b"x" * 100, b"x" * 101
SETTINGS = Snapshots(max_inline_bytes=100)


class Slow:
    """A store that answers when it is let, and refuses if told to."""

    def __init__(self, refuses: str = "") -> None:
        self.go, self.refuses = Event(), refuses

    def put(self, picture: bytes, at: Time) -> str:
        self.go.wait(10)
        if self.refuses:
            raise NotStoredError(self.refuses)
        return f"s3://bucket/{len(picture)}"


def claims(store: object = None) -> Claims:
    return Claims(SETTINGS, store)  # type: ignore[arg-type]


def serve_until_nothing_waits(some: Claims) -> None:
    deadline = time.monotonic() + 10
    while some.waiting:
        assert time.monotonic() < deadline
        some.serve()
        time.sleep(0.005)


def test_a_small_picture_travels_in_its_record(tmp_path: Path) -> None:
    uri = claims(SnapshotStore(f"file://{tmp_path}", road_document())).place(SMALL, START)
    assert uri.startswith("data:image/jpeg;base64,")
    assert b64decode(uri.partition(",")[2]) == SMALL
    assert not list(tmp_path.iterdir())


def test_a_large_one_is_in_the_store_before_the_record_says_where(tmp_path: Path) -> None:
    some, told = claims(SnapshotStore(f"file://{tmp_path}", road_document())), []
    some.check_in(LARGE, START, lambda uri: told.append((uri, Path(uri.removeprefix("file://")).read_bytes())))
    serve_until_nothing_waits(some)
    ((uri, stored),) = told
    assert uri.startswith(f"file://{tmp_path}/2026-01-01/")
    assert stored == LARGE
    assert some.lost == 0


def test_without_a_store_all_are_in_their_records() -> None:
    told: list[str] = []
    claims().check_in(LARGE, START, told.append)
    assert told[0].startswith("data:")


def test_a_slow_store_keeps_nobody_waiting() -> None:
    store, told = Slow(), []
    some = claims(store)
    some.check_in(LARGE, START, told.append)
    some.check_in(SMALL, START, told.append)
    some.serve()
    assert [uri.partition(":")[0] for uri in told] == ["data"]
    assert some.waiting == 1
    store.go.set()
    serve_until_nothing_waits(some)
    assert told[1] == "s3://bucket/101"


def test_what_the_store_refuses_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    store, told = Slow("s3://bucket: 403 Forbidden"), []
    store.go.set()
    some = claims(store)
    for _ in range(3):
        some.check_in(LARGE, START, told.append)
    serve_until_nothing_waits(some)
    some.close(timeout=1)
    assert (some.lost, told) == (3, [])
    assert "snapshots lost: s3://bucket: 403 Forbidden" in caplog.text


def test_a_store_slower_than_the_road_loses_pictures_and_says_so(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parking_simulators.road.claims._MOST_WAITING", 2)
    store, told = Slow(), []
    some = claims(store)
    for _ in range(5):
        some.check_in(LARGE, START, told.append)
    some.close(timeout=0.05)
    store.go.set()
    assert (some.lost, some.waiting, told) == (5, 0, [])
    assert "3 snapshots lost: the store is slower than the road" in caplog.text
    assert "2 snapshots lost: the program ended first" in caplog.text


def test_ending_waits_for_what_is_being_stored() -> None:
    store, told = Slow(), []
    some = claims(store)
    some.check_in(LARGE, START, told.append)
    store.go.set()
    some.close(timeout=5)
    assert told == ["s3://bucket/101"]
