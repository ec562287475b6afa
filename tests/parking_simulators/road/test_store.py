import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from parking.errors import ParkingError
from parking_simulators.road.store import NotStoredError, SnapshotStore, _of_bucket
from tests.parking_simulators.road.support import road_document
from tests.support.cameras import START

PICTURE = b"a picture"
KEY = f"2026-01-01/{sha256(PICTURE).hexdigest()}.jpg"


@contextmanager
def s3(*answers: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that answers with these codes, and then with 200; gives its address and what it was asked."""
    asked: list[dict[str, Any]] = []
    codes = [*answers]

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append({"path": self.path, "body": body, **self.headers})
            self.send_response(codes.pop(0) if codes else 200)
            self.send_header("ETag", '"0"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key-of-the-environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def test_a_picture_is_put_under_its_day_and_hash(tmp_path: Path) -> None:
    store = SnapshotStore(f"file://{tmp_path}/pictures/", road_document())
    uri = store.put(PICTURE, START)
    assert uri == f"file://{tmp_path}/pictures/{KEY}"
    assert (tmp_path / "pictures" / KEY).read_bytes() == PICTURE
    assert store.put(PICTURE, START) == uri


def test_a_png_is_called_one(tmp_path: Path) -> None:
    store = SnapshotStore(f"file://{tmp_path}", road_document(snapshots={"imageFormat": "png"}))
    assert store.put(PICTURE, START).endswith(".png")


def test_s3_is_reached_as_the_document_says_with_keys_of_the_environment() -> None:
    with s3() as (address, asked):
        document = road_document(s3_endpoint=address, s3_region="eu-west-1", s3_path_style=True)
        assert SnapshotStore("s3://bucket/folder", document).put(PICTURE, START) == f"s3://bucket/folder/{KEY}"
    (put,) = asked
    assert (put["path"], put["body"]) == (f"/bucket/folder/{KEY}", PICTURE)
    assert "Credential=key-of-the-environment/" in put["authorization"]
    assert "/eu-west-1/s3/" in put["authorization"]
    assert put["content-type"] == "image/jpeg"


def test_a_bucket_of_its_own_host_unless_that_is_an_address() -> None:
    assert _of_bucket("https://s3.example.org:9000", "bucket") == "https://bucket.s3.example.org:9000"
    with s3() as (address, asked):
        SnapshotStore("s3://bucket", road_document(s3_endpoint=address)).put(PICTURE, START)
    assert asked[0]["path"] == f"/bucket/{KEY}"


def test_a_store_that_is_busy_is_asked_again() -> None:
    with s3(503) as (address, asked):
        SnapshotStore("s3://bucket", road_document(s3_endpoint=address)).put(PICTURE, START)
    assert len(asked) == 2


def test_a_refusal_is_told_the_same_way_for_every_picture() -> None:
    with s3(403, 403) as (address, _):
        store = SnapshotStore("s3://bucket", road_document(s3_endpoint=address))
        for picture in (PICTURE, b"another"):
            with pytest.raises(NotStoredError) as caught:
                store.put(picture, START)
            assert str(caught.value) == "s3://bucket: Server returned non-2xx status code: 403 Forbidden"


@pytest.mark.parametrize("folder", ["ftp://host/x", "s3://", "nowhere", "file:///proc/none/here"])
def test_a_folder_that_cannot_be_used_is_named(folder: str) -> None:
    with pytest.raises(ParkingError, match=r"snapshots\.store: .* cannot be used: "):
        SnapshotStore(folder, road_document())


def test_without_obstore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(ParkingError, match=r"install parking-simulators\[road\]"):
        SnapshotStore("s3://bucket", road_document())
