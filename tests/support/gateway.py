"""A gateway that tells made-up sessions, for clients of its REST interface."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeGateway:
    """What it tells."""

    active: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


def session(plate: str, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    told = {"license_plate": plate, "location": "A7", "start_time": 1_900_000_000, "duration": 61, "cost": 10_000}
    return {**told, "status": status, **more}


@contextmanager
def fake_gateway() -> Iterator[FakeGateway]:
    gateway = FakeGateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            part = "active" if self.path.startswith("/api/sessions/active") else "closed"
            told = getattr(gateway, part)
            body = json.dumps({f"{part}_sessions": told, "count": len(told)}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
