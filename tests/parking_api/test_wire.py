"""What the wire leans on in python-socketio, engineio and uvicorn.

When one of these fails after an upgrade, wire.py has to follow the library, and nothing else has to.
"""

import inspect
import json
import socket
import time
from base64 import b64encode

import engineio
import psutil
import pytest
import socketio
from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from engineio.payload import Payload
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from parking_api import server as server_module
from parking_api.fanout import Limits
from parking_api.wire import Bundle, FrameProtocol, Json, Packet, Server, Wire
from tests.support.live_gateway import Served, served_gateway, session


def decode_frames(wire: bytes) -> list[str]:
    """Read unmasked, unfragmented text frames."""
    texts = []
    while wire:
        assert wire[0] == 0x81
        size, start = wire[1], 2
        if size == 126:
            size, start = int.from_bytes(wire[2:4], "big"), 4
        texts.append(wire[start : start + size].decode())
        wire = wire[start + size :]
    return texts


def test_an_event_is_encoded_as_the_library_encodes_it():
    data = {"license_plate": "51A-1", "cost": 10_000, "note": "ngã tư"}
    packet = Packet("parking_update", data)
    library = socketio.packet.Packet(socketio.packet.EVENT, namespace="/parking", data=["parking_update", data])
    event = EnginePacket(MESSAGE, data=library.encode()).encode()
    assert packet.text[: len("42/parking,")] == event[: len("42/parking,")]
    assert json.loads(packet.text.partition(",")[2]) == json.loads(event.partition(",")[2])


def test_a_bundle_is_many_frames_or_many_packets():
    packets = (Packet("a", 1), Packet("b", "x" * 200))
    texts = [packet.text for packet in packets]
    bundle = Bundle(packets)
    assert decode_frames(bundle.encode().wire) == texts
    decoded = Payload(encoded_payload=Payload(packets=[bundle]).encode()).packets
    assert [packet.data for packet in decoded] == [text[1:] for text in texts]


def test_what_orjson_refuses_is_still_sent():
    assert json.loads(Json.dumps({"cost": 2**80, "plate": "\ud800"})) == {"cost": 2**80, "plate": "\ud800"}


def test_the_same_packets_are_joined_once_for_all_clients():
    wire = Wire(Server(async_mode="asgi"))
    packets = (Packet("a", 1),)
    assert wire._bundle(packets) is wire._bundle(packets)


async def test_the_engine_has_what_the_wire_leans_on():
    server = Server(async_mode="asgi")
    assert isinstance(server.eio, engineio.AsyncServer)
    assert server.eio.sockets == {}
    client = AsyncSocket(server.eio, "x")
    assert (client.queue.empty(), client.upgraded, client.closed) == (True, False, False)
    assert {"wait"} <= inspect.signature(AsyncSocket.close).parameters.keys()
    assert list(inspect.signature(socketio.AsyncServer._handle_eio_message).parameters) == ["self", "eio_sid", "data"]
    assert server.manager.eio_sid_from_sid("x", "/parking") is None


def test_uvicorn_has_what_the_wire_leans_on():
    assert list(inspect.signature(WebSocketsSansIOProtocol.send).parameters) == ["self", "message"]
    source = inspect.getsource(WebSocketsSansIOProtocol)
    for name in ("self.writable", "self.disconnected", "self.transport"):
        assert name in source
    assert issubclass(FrameProtocol, WebSocketsSansIOProtocol)


def deaf_client(gateway: Served) -> socket.socket:
    """Connect, and then never read again."""
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.connect((host, int(port)))
    key = b64encode(b"0123456789abcdef").decode()
    upgrade = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}"
    client.sendall(f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n\r\n".encode())
    client.recv(1_024)
    text = b"40/parking,"
    client.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    return client


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux cuts such clients off")
def test_a_deaf_client_is_dropped_and_cut_off_while_others_go_on(monkeypatch):
    monkeypatch.setattr(server_module, "DEAF_SECONDS", 1)
    monkeypatch.setattr(server_module, "SEND_BUFFER_BYTES", 8_192)
    with served_gateway(limits=Limits(seconds=0.3)) as gateway, socketio.SimpleClient() as hearing:
        gateway.source.give()
        hearing.connect(gateway.url, namespace="/parking", transports=["websocket"])
        with deaf_client(gateway) as deaf:
            wait_until(lambda: figures(gateway)["parking_gateway_clients"] == 2)
            sent = feed_until_dropped(gateway)
            assert figures(gateway)["parking_gateway_clients"] == 1
            updates = 0
            while updates < sent:
                updates += hearing.receive(timeout=5)[0] == "parking_update"
            wait_until(lambda: connection_is_gone(deaf))


def figures(gateway: Served) -> dict[str, float]:
    lines = gateway.get("/metrics").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def wait_until(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in 10 s"
        time.sleep(0.02)


def connection_is_gone(client: socket.socket) -> bool:
    """Whether the server's end of a connection no longer exists."""
    mine = client.getsockname()
    return not any(c.raddr == mine for c in psutil.Process().net_connections("tcp") if c.status != "LISTEN")


def feed_until_dropped(gateway: Served) -> int:
    """Update sessions until the gateway drops a client; tells how many updates it took."""
    sent = 0

    def dropped() -> bool:
        nonlocal sent
        gateway.source.give(*(session(f"51A-{sent + n}", "Z1") for n in range(100)))
        sent += 100
        return figures(gateway)["parking_gateway_clients_dropped_total"] == 1

    wait_until(dropped)
    return sent
