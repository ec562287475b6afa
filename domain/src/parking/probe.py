"""A small HTTP server with which a program answers for itself: /healthz, /readyz and /metrics."""

import json
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

State = Mapping[str, object]


class Probe:
    """Answers on ``port`` (0 takes a free one) from a daemon thread until closed.

    ``state`` gives a JSON-able mapping whose "ready" entry decides between 200 and 503; ``metrics`` gives the
    Prometheus text format; ``alive`` whether the program is worth keeping. Raises OSError when the port is taken.
    """

    def __init__(
        self,
        port: int,
        *,
        state: Callable[[], State],
        metrics: Callable[[], bytes],
        alive: Callable[[], bool] = lambda: True,
        host: str = "",
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/healthz":
                    if alive():
                        self._answer(HTTPStatus.OK, b'{"status": "ok"}')
                    else:
                        self._answer(HTTPStatus.SERVICE_UNAVAILABLE, b'{"status": "dead"}')
                elif self.path == "/readyz":
                    told = state()
                    code = HTTPStatus.OK if told.get("ready") else HTTPStatus.SERVICE_UNAVAILABLE
                    self._answer(code, json.dumps(told).encode())
                elif self.path == "/metrics":
                    self._answer(HTTPStatus.OK, metrics(), "text/plain; version=0.0.4; charset=utf-8")
                else:
                    self._answer(HTTPStatus.NOT_FOUND, b'{"error": "try /healthz, /readyz or /metrics"}')

            def _answer(self, code: HTTPStatus, body: bytes, kind: str = "application/json") -> None:
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay quiet: probes come every few seconds."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="probe", daemon=True).start()

    def close(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
