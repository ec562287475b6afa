"""How messages travel: the one place that leans on what python-socketio, engineio and uvicorn do not document.

``AsyncServer.emit`` makes a task per client and event, and the engine sends each event in a frame and a write of its
own: with 500 clients that ends at 15,000 deliveries a second on one core. Here the events of one moment are joined
into one run of frames, made once for all clients, and a client costs one write: 100,000 deliveries a second on half a
core (bench/fanout.py). On the wire it is the same protocol, and long-polling clients get the same events.

What is leaned on, each with a test: ``server.eio.sockets`` with ``queue``, ``upgraded`` and ``close`` (engineio);
``Packet.encode(b64)`` being called with ``b64`` for long-polling only (engineio); ``_handle_eio_message`` and
``manager.eio_sid_from_sid`` (socketio); ``writable``, ``transport`` and ``send`` of the WebSocket protocol (uvicorn).
"""

import json
import logging
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

import orjson
import socketio
from engineio.packet import MESSAGE, NOOP
from engineio.packet import Packet as EnginePacket
from socketio.packet import EVENT
from socketio.packet import Packet as EventPacket
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

NAMESPACE = "/parking"
MAX_REQUEST_BYTES = 16_384
"""Of what a client may send at once; the requests there are need a hundred."""
WEBSOCKET_ROOM = 10_000
POLLING_ROOM = 6
"""The Python client refuses a long-polling answer of more than 16 packets. The engine may join two of our pushes in one
answer (its queue looks empty for a moment before it is looked at again), and adds a few packets of its own."""

SEPARATOR = "\x1e"
"""Between the packets of a long-polling answer."""

log = logging.getLogger(__name__)


class Json:
    """Encodes with orjson behind the interface of json, for the Socket.IO packets."""

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        """Encode; what orjson refuses (numbers beyond 64 bits, lone surrogates) goes through json."""
        try:
            return orjson.dumps(value).decode()
        except TypeError:
            return json.dumps(value)


class _Event(EventPacket):  # type: ignore[misc]  # socketio has no types
    json = Json


class Packet:
    """One event, encoded once: as text for long-polling, as frames for WebSockets."""

    __slots__ = ("frame", "key", "text", "weight")

    def __init__(self, event: str, data: object, *, about: Hashable = None, attachment: bytes | None = None) -> None:
        """Encode an event; an ``attachment`` is its second argument, and a packet of its own."""
        self.key = (event, about)
        arguments = [event, data] if attachment is None else [event, data, attachment]
        encoded = _Event(EVENT, namespace=NAMESPACE, data=arguments, binary=attachment is not None).encode()
        message = encoded if isinstance(encoded, str) else encoded[0]
        self.text: str = EnginePacket(MESSAGE, data=message).encode()
        self.frame: bytes = Frame(Opcode.TEXT, self.text.encode()).serialize(mask=False)
        self.weight = 1
        if attachment is not None:
            self.weight = 2
            self.text += SEPARATOR + EnginePacket(MESSAGE, data=attachment).encode(b64=True)
            self.frame += Frame(Opcode.BINARY, attachment).serialize(mask=False)


class Frames(str):
    """Several WebSocket frames on their way through the engine, which takes them for the text of one."""

    __slots__ = ("wire",)
    wire: bytes


class Bundle(EnginePacket):  # type: ignore[misc]  # engineio has no types
    """Several events as one packet of the engine."""

    def __init__(self, packets: tuple[Packet, ...]) -> None:
        super().__init__(MESSAGE, data="")
        self._packets = packets
        self._frames = Frames()
        self._frames.wire = b"".join([packet.frame for packet in packets])

    def encode(self, b64: bool = False) -> str:
        """Give what the transport wants: separated texts for long-polling, frames for a WebSocket."""
        return SEPARATOR.join([packet.text for packet in self._packets]) if b64 else self._frames


class FrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket connection, which also writes ready-made frames."""

    async def send(self, message: Any) -> None:
        """Send a message of the application, waiting while the client's buffers are full."""
        text = message.get("text")
        if not isinstance(text, Frames):
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(text.wire)


class Server(socketio.AsyncServer):  # type: ignore[misc]  # socketio has no types
    """A Socket.IO server that answers what it cannot read, where the original logs a stack trace."""

    async def handle_request(self, *connection: Any) -> Any:
        """Serve a connection."""
        try:
            return await super().handle_request(*connection)
        except Exception as error:  # noqa: BLE001 - a client that breaks the engine's protocol loses its connection
            log.info("connection ended: %r", error)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except Exception as error:  # noqa: BLE001 - whatever a client sends is the client's fault
            log.info("client %s sent an unreadable packet: %r", eio_sid, error)
            await Wire(self).push(eio_sid, (Packet("request_error", {"error": "this packet cannot be read"}),))


def log_in_one_line(entry: logging.LogRecord) -> bool:
    """Filter for a logger: say in one line what went wrong with a client, where the engine logs a stack trace."""
    if entry.exc_info:
        entry.msg, entry.args = f"{entry.getMessage()}: {entry.exc_info[1]!r}", ()
        entry.exc_info = None
    return True


class Wire:
    """Acts on the clients of a Socket.IO server. A client is named by its engine session."""

    def __init__(self, server: socketio.AsyncServer) -> None:
        self._server = server
        self._bundle = lru_cache(maxsize=4)(Bundle)

    def client(self, sid: str) -> str:
        """Name of the client that has this Socket.IO session; "" when it is gone."""
        return self._server.manager.eio_sid_from_sid(sid, NAMESPACE) or ""

    def room(self, client: str) -> int:
        """How many packets the client can take now: none until its transport took all it was given before."""
        socket = self._server.eio.sockets.get(client)
        if socket is None or socket.closed or not socket.queue.empty():
            return 0
        return WEBSOCKET_ROOM if socket.upgraded else POLLING_ROOM

    async def push(self, client: str, packets: tuple[Packet, ...]) -> None:
        """Hand packets to the client's transport; the same packets for many clients are joined once."""
        await self._server.eio.send_packet(client, self._bundle(packets))

    async def release(self, client: str) -> None:
        """End a long poll of a client that is leaving; the engine would let it wait for half a minute."""
        await self._server.eio.send_packet(client, EnginePacket(NOOP))

    async def drop(self, client: str, reason: str) -> None:
        """Tell a client why, and close its connection without waiting for it."""
        await self.push(client, (Packet("lagging", {"reason": reason}),))
        if socket := self._server.eio.sockets.get(client):
            await socket.close(wait=False)
