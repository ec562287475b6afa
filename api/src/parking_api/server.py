"""How the application is served: on one socket, by uvicorn."""

import socket

import uvicorn
from uvicorn._types import ASGIApplication

from parking.errors import ParkingError
from parking_api.wire import MAX_REQUEST_BYTES, FrameProtocol

SEND_BUFFER_BYTES = 256 * 1024
"""Kernel memory per client, and how much a client that stopped reading can hide from us."""
DEAF_SECONDS = 30
"""After so long without taking anything a connection is cut off. Longer than what it takes to fill the buffers and be
dropped for lagging, so that a client which wakes up in between still reads the reason."""
GRACE_SECONDS = 1


def open_socket(host: str, port: int) -> socket.socket:
    """Listen on a port; raises ParkingError when that is impossible. Connections inherit the options."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        raise ParkingError(f"--port: cannot listen on {host}:{port}: {error.strerror}") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; elsewhere such a client stays until its own end
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAF_SECONDS * 1_000)
    return listener


def web_server(app: ASGIApplication) -> uvicorn.Server:
    """Make the server; it runs until SIGTERM or SIGINT, then gives what is under way a moment to finish."""
    config = uvicorn.Config(
        app,
        ws=FrameProtocol,
        ws_max_size=MAX_REQUEST_BYTES,
        ws_per_message_deflate=False,  # it would compress each message for each client
        ws_ping_interval=None,  # the engine has its own heartbeat
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)
