"""A Maven repository over HTTP on this machine, with jars made up on the spot."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Mirror:
    """What the repository holds (bytes by coordinate), which files it was asked for, how many answers break off."""

    jars: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    breaks: int = 0
    url: str = ""

    def add(self, coordinate: str, content: bytes) -> str:
        """Publish a jar; gives its sha256."""
        self.jars[coordinate] = content
        return hashlib.sha256(content).hexdigest()

    def find(self, path: str) -> bytes | None:
        """Content at a path of the Maven layout."""
        for coordinate, content in self.jars.items():
            organisation, name, version = coordinate.split(":")
            if path == f"/{organisation.replace('.', '/')}/{name}/{version}/{name}-{version}.jar":
                return content
        return None


@contextmanager
def maven_mirror() -> Iterator[Mirror]:
    """Yield a running mirror."""
    mirror = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            mirror.asked.append(self.path.rpartition("/")[2])
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def _answer(self, *, body: bool) -> None:
            content = mirror.find(self.path)
            self.send_response(HTTPStatus.NOT_FOUND if content is None else HTTPStatus.OK)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if body and content:
                whole = mirror.breaks <= 0
                mirror.breaks -= 1
                self.wfile.write(content if whole else content[:1])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    mirror.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
