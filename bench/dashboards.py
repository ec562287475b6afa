"""Dashboards for load: connections that speak just enough of Socket.IO, so cheap that one process has hundreds."""

import asyncio
import os
import socket
import time
from base64 import b64encode

from parking_local.ports import HOST

UPGRADE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()


class Client(asyncio.Protocol):
    """A dashboard's connection: speaks just enough of the protocol, counts updates, and may time them."""

    def __init__(self, *, timed: bool) -> None:
        self.updates = 0
        self.latencies: list[float] | None = [] if timed else None
        self.first_update = asyncio.Event()
        self._rest = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Ask for a WebSocket."""
        self.transport = transport
        transport.write(UPGRADE)

    def data_received(self, data: bytes) -> None:
        """Take whole frames out of what arrived."""
        data = self._rest + data
        at = data.find(b"\r\n\r\n") + 4 if data.startswith(b"HTTP") else 0
        while (frame := _frame(data, at)) is not None:
            begin, at = frame
            self._take(data[begin:at])
        self._rest = data[at:]

    def _take(self, text: bytes) -> None:
        if text.startswith(b'42/parking,["parking_update"'):
            self.updates += 1
            self.first_update.set()
            if self.latencies is not None:
                arrived = text.index(b'"last_arrival":') + 15
                self.latencies.append(time.time() * 1000 - int(text[arrived : arrived + 13]))
        elif text.startswith(b"0"):
            self._send(b"40/parking,")
        elif text == b"2":
            self._send(b"3")

    def _send(self, text: bytes) -> None:
        self.transport.write(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)


def _frame(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at ``at`` begins and ends, if it is all there."""
    if len(data) < at + 10:
        short = len(data) >= at + 2 and data[at + 1] < 126 and len(data) >= at + 2 + data[at + 1]
        return (at + 2, at + 2 + data[at + 1]) if short else None
    size, begin = data[at + 1], at + 2
    if size >= 126:
        width = 2 if size == 126 else 8
        size, begin = int.from_bytes(data[begin : begin + width], "big"), begin + width
    return (begin, begin + size) if len(data) >= begin + size else None


async def connect(port: int, *, timed: bool, buffer: int | None = None) -> Client:
    """Connect; with a small ``buffer``, not reading is soon noticed."""
    connection = socket.socket()
    if buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, (HOST, port))
    _, client = await loop.create_connection(lambda: Client(timed=timed), sock=connection)
    return client
