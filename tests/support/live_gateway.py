"""The gateway under test, as a program of its own or inside the test's process, and session updates to feed it with."""

import asyncio
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import socketio

from parking.documents import GatewayDocument, GatewayRoad, rows_of
from parking.lot import Layout
from parking.road_spec import RoutePoint
from parking.session import Session, session_id
from parking.tariff import Tariff
from parking_api.app import create_app
from parking_api.fanout import Limits
from parking_api.intake import Batch, Status
from parking_api.server import open_socket, web_server
from parking_api.settings import Settings
from parking_local.ports import free_port

LOT = "central"
BAYS = ("A1", "A2", "A3", "B1", "B2")
HTTP = httpx.Client(verify=False, trust_env=False)
"""Shared, since each client of its own would load all certificates first."""


ROAD = GatewayRoad(
    gps_topic="gps_data",
    emergency_topic="emergency_data",
    route=(RoutePoint(lat=10.75, lon=106.65), RoutePoint(lat=10.78, lon=106.69), RoutePoint(lat=10.79, lon=106.69)),
    report_interval=timedelta(seconds=1),
)


def gateway_document(
    bootstrap_servers: str, topic: str, bays: Sequence[str] = BAYS, road: GatewayRoad | None = None
) -> GatewayDocument:
    """Make the document of a gateway of the test lot."""
    return GatewayDocument(
        lot=LOT,
        bootstrap_servers=bootstrap_servers,
        rows=rows_of(Layout(bays=tuple(bays))),
        tariff=Tariff(),
        topic=topic,
        timeout_seconds=30,
        road=road,
    )


def session(plate: str = "51A-123.45", location: str = "A1", *, start: int | None = None, **changes: Any) -> Session:
    """Make an update of a session: by default its first, ACTIVE, begun a minute ago."""
    start = int(time.time()) - 60 if start is None else start
    values: dict[str, Any] = {
        "license_plate": plate,
        "location": location,
        "start_time": start,
        "end_time": start,
        "duration": 0,
        "cost": 0,
        "status": "ACTIVE",
        "last_updated": start,
        "lot": LOT,
        "version": 2,
        "currency": "VND",
        "partition": 0,
        "last_arrival": start * 1_000,
    } | changes
    values.setdefault("session_id", session_id(values["lot"], plate, location, start))
    return Session.model_validate(values)


def ended(opened: Session, *, after: int = 700, status: str = "CLOSED") -> Session:
    """Make the update that ends a session."""
    end = opened.start_time + after
    changes = {
        "end_time": end,
        "duration": after,
        "cost": Tariff().cost(after),
        "status": status,
        "version": opened.version + 2,
        "last_updated": end,
        "last_arrival": end * 1_000,
    }
    return Session.model_validate(opened.model_dump() | changes)


def records(*sessions: Session) -> list[tuple[str, str]]:
    """Give sessions as (key, value) pairs for the topic."""
    return [(s.session_id, s.model_dump_json()) for s in sessions]


def wait_for_answer(url: str, *, status: int = 200, seconds: float = 30, **expected: object) -> Any:
    """Ask until the answer has this status code and these fields, and give it."""
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            answer = HTTP.get(url)
            last = answer.status_code, answer.text
            body = answer.json()
        except (httpx.TransportError, ValueError) as error:
            last = error
        else:
            if answer.status_code == status and expected.items() <= body.items():
                return body
        time.sleep(0.02)
    raise AssertionError(f"{url} did not become {status} {expected} in {seconds} s; last: {last}")


@dataclass
class Gateway:
    """A gateway process."""

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask once."""
        return HTTP.get(self.url + path, **options)

    def wait_for(self, path: str, **expected: Any) -> Any:
        """Ask until the answer is as expected."""
        return wait_for_answer(self.url + path, **expected)

    def log(self) -> str:
        """What it logged so far."""
        return self.log_file.read_text()


@contextmanager
def running_gateway(
    folder: Path,
    *,
    bootstrap_servers: str,
    topic: str,
    bays: Sequence[str] = BAYS,
    options: Sequence[str] = (),
    road: GatewayRoad | None = None,
) -> Iterator[Gateway]:
    """Start the program with its files in ``folder``; it answers, but need not be ready, when this yields."""
    document = gateway_document(bootstrap_servers, topic, bays, road)
    config, log_file, port = folder / "gateway.json", folder / "gateway.log", free_port()
    config.write_text(json.dumps(document.document()))
    argv = [sys.executable, "-m", "parking_api", "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    with log_file.open("wb") as log:
        process = subprocess.Popen([*argv, *options], stdout=log, stderr=log, env=os.environ | {"PYTHONSAFEPATH": "1"})
    gateway = Gateway(f"http://127.0.0.1:{port}", process, log_file)
    try:
        gateway.wait_for("/healthz")
        yield gateway
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


@asynccontextmanager
async def socket_client(
    url: str, transport: str = "websocket", auth: object = None
) -> AsyncIterator[socketio.AsyncSimpleClient]:
    """Connect the Python client; the asynchronous one, since the other handles events in threads, in any order."""
    async with socketio.AsyncSimpleClient() as client:
        await client.connect(url, namespace="/parking", transports=[transport], auth=auth)
        yield client


async def next_event(client: socketio.AsyncSimpleClient, name: str, seconds: float = 5) -> Any:
    """Give the data of the next event of this name, passing over others."""
    async with asyncio.timeout(seconds):
        while True:
            event, *data = await client.receive()
            if event == name:
                return data[0]


class ScriptedSource:
    """Batches from the test instead of a topic, for tests of what comes after reading."""

    def __init__(self) -> None:
        self._batches: queue.SimpleQueue[Batch] = queue.SimpleQueue()
        self._last = Batch()
        self.closed = False

    def give(self, *sessions: Session, rebuilt: bool = True, **changes: Any) -> None:
        """Let the gateway read these updates."""
        status = Status(ready=rebuilt, reason="" if rebuilt else "rebuilding")
        self._batches.put(Batch(**{"sessions": list(sessions), "rebuilt": rebuilt, "status": status} | changes))

    def read(self) -> Batch:
        """Give the next batch, or after a moment one without updates."""
        try:
            self._last = self._batches.get(timeout=0.02)
        except queue.Empty:
            return replace(self._last, sessions=[], invalid=0)
        return self._last

    def close(self) -> None:
        """Note that the gateway ended in order."""
        self.closed = True


@dataclass
class Served:
    """A gateway inside the test's process, its source in the hands of the test."""

    url: str
    source: ScriptedSource

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask once."""
        return HTTP.get(self.url + path, **options)

    def wait_for(self, path: str, **expected: Any) -> Any:
        """Ask until the answer is as expected."""
        return wait_for_answer(self.url + path, seconds=5, **expected)


@contextmanager
def served_gateway(*, limits: Limits = Limits(), **options: Any) -> Iterator[Served]:  # noqa: B008 - frozen
    """Serve the whole application from a thread, as the program does but for the topic."""
    source = ScriptedSource()
    settings = Settings(document=gateway_document("nowhere:1", "processed-data"), port=0, **options)
    listener = open_socket("127.0.0.1", 0)
    server = web_server(create_app(settings, lambda: source, limits=limits))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", source)
    finally:
        server.should_exit = True
        thread.join(10)
    assert not thread.is_alive(), "the server did not end"
    assert source.closed
