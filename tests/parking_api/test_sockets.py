"""Socket.IO as clients see it, over both transports, of a gateway whose updates come from the test."""

import asyncio
from contextlib import suppress

import pytest
import socketio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from parking_api import snapshots
from parking_api.intake import Status
from tests.support.live_gateway import ended, next_event, served_gateway, session, socket_client
from tests.support.newer_client import read_snapshot

NEWER = {"protocol": 2}
both_transports = pytest.mark.parametrize("transport", ["websocket", "polling"])


@both_transports
async def test_a_client_is_welcomed_with_the_whole_lot_and_can_ask_again(gateway, transport):
    async with socket_client(gateway.url, transport) as client:
        event, data = await client.receive(timeout=5)
        assert event == "initial_data"
        assert set(data) == {"active_sessions", "statistics", "free_locations", "busy_locations"}
        await client.emit("request_update")
        event, _ = await client.receive(timeout=5)
        assert event == "initial_data"


@both_transports
async def test_updates_exits_and_statistics_come_in_this_order(gateway, transport):
    opened = session(f"51A-{transport}", "B1")
    async with socket_client(gateway.url, transport) as client:
        await next_event(client, "initial_data")
        gateway.source.give(opened)
        assert await next_event(client, "parking_update") == opened.model_dump(mode="json")
        await next_event(client, "statistics_update")
        gateway.source.give(ended(opened))
        told = [await client.receive(timeout=5) for _ in range(3)]
        assert [event for event, _ in told] == ["parking_update", "exit_notification", "statistics_update"]
        assert told[1][1]["license_plate"] == opened.license_plate


@both_transports
async def test_a_burst_arrives_whole_and_in_order(gateway, transport):
    burst = [session(f"{transport}-{n}", "Z1") for n in range(60)]
    async with socket_client(gateway.url, transport) as client:
        await next_event(client, "initial_data")
        gateway.source.give(*burst)
        told = [await next_event(client, "parking_update") for _ in burst]
        assert [update["license_plate"] for update in told] == [s.license_plate for s in burst]


async def test_a_batch_tells_of_each_session_once_in_its_newest_state(gateway):
    opened = session("51A-twice", "B2")
    async with socket_client(gateway.url) as client:
        await next_event(client, "initial_data")
        gateway.source.give(opened, ended(opened))
        told = [await client.receive(timeout=5) for _ in range(2)]
        assert [event for event, _ in told] == ["parking_update", "exit_notification"]
        assert told[0][1]["status"] == "CLOSED"


async def test_what_the_topic_held_at_the_start_is_not_told_one_by_one():
    with served_gateway() as gateway:
        async with socket_client(gateway.url) as client:
            await next_event(client, "initial_data")
            gateway.source.give(ended(session("OLD", "A1")), rebuilt=False)
            gateway.source.give(session("51A-1", "A1"))
            event, data = await client.receive(timeout=5)
            assert (event, data["busy_locations"]) == ("initial_data", ["A1"])
            assert data["statistics"]["closed_sessions_total"] == 1
            gateway.source.give(session("51A-2", "A2"))
            event, _ = await client.receive(timeout=5)
            assert event == "parking_update"


async def test_a_bay_can_be_asked_for(gateway):
    async with socket_client(gateway.url) as client:
        await client.emit("request_location", {"location_id": "a3"})
        told = await next_event(client, "location_info")
        assert (told["status"], told["location"]) == ("FREE", "A3")
        await client.emit("request_location", {"location_id": "Z9"})
        assert await next_event(client, "location_info") == {"error": "unknown location 'Z9'"}


@pytest.mark.parametrize("payload", [None, "A1", 7, [], {}, {"location_id": 7}, {"location_id": None}, ("A1", "A2")])
async def test_a_malformed_request_gets_an_answer(gateway, payload):
    async with socket_client(gateway.url) as client:
        await client.emit("request_location", payload)
        told = await next_event(client, "location_info")
        assert told == {"error": 'request_location wants {"location_id": "A7"}'}


async def test_an_unknown_event_gets_an_answer(gateway):
    async with socket_client(gateway.url) as client:
        await client.emit("launch", {"x": 1})
        told = await next_event(client, "request_error")
        assert told == {"error": "unknown event 'launch'; known: request_update, request_location"}


@both_transports
async def test_a_newer_client_gets_a_snapshot_then_updates_and_nothing_twice(transport):
    parked, gone, lost = session("51A-1", "A1"), ended(session("51A-2", "A2")), ended(session("51A-3", "Z9"))
    with served_gateway() as gateway:
        gateway.source.give(parked, gone, lost)
        gateway.wait_for("/api/statistics", active_sessions=1)
        async with socket_client(gateway.url, transport, NEWER) as client:
            event, statistics = await client.receive(timeout=5)
            assert (event, statistics["active_sessions"]) == ("statistics_update", 1)
            snapshot = await read_snapshot(client)
            assert snapshot.sessions == [parked.model_dump(mode="json")]
            assert snapshot.ended == [gone.model_dump(mode="json")], "of each free bay of the lot its last session"
            assert snapshot.between == []
            event, pulse = await client.receive(timeout=5)
            assert (event, pulse["ready"], pulse["newest_arrival"]) == ("pulse", True, gone.last_arrival)
            gateway.source.give(ended(parked))
            told = [await client.receive(timeout=5) for _ in range(2)]
            assert [event for event, _ in told] == ["parking_update", "statistics_update"]
            assert told[0][1]["status"] == "CLOSED"


@both_transports
async def test_a_large_snapshot_comes_in_pages_of_one_moment(transport, monkeypatch):
    monkeypatch.setattr(snapshots, "PAGE", 4)
    parked = [session(f"51A-{n}", "Z1", start=1_000 + n) for n in range(30)]
    gone = ended(session("51B-1", "A1"))
    with served_gateway() as gateway:
        gateway.source.give(*parked, gone)
        gateway.wait_for("/api/statistics", active_sessions=30)
        async with socket_client(gateway.url, transport, NEWER) as client:
            snapshot = await read_snapshot(client)
    assert [(page["page"], page["pages"]) for page in snapshot.pages] == [(n, 8) for n in range(1, 9)]
    assert len({page["id"] for page in snapshot.pages}) == 1
    assert [one["license_plate"] for one in snapshot.sessions] == [one.license_plate for one in parked]
    assert snapshot.ended == [gone.model_dump(mode="json")]


async def test_a_newer_client_may_want_some_rows_only():
    with served_gateway() as gateway:
        gateway.source.give(session("51A-1", "A1"), session("51B-1", "B1"), ended(session("51B-2", "B2")))
        gateway.wait_for("/api/statistics", active_sessions=2)
        async with socket_client(gateway.url, auth=NEWER | {"rows": ["B"]}) as client:
            snapshot = await read_snapshot(client)
            assert [one["location"] for one in snapshot.sessions + snapshot.ended] == ["B1", "B2"]
            gateway.source.give(session("51A-2", "A2"), session("51B-3", "B2"))
            assert (await next_event(client, "parking_update"))["location"] == "B2"
            assert (await next_event(client, "statistics_update"))["active_sessions"] == 4


async def test_a_newer_client_hears_at_once_that_the_gateway_is_not_ready_any_more(gateway):
    async with socket_client(gateway.url, auth=NEWER) as client:
        await next_event(client, "pulse")
        lost = Status(reason="broker nowhere:1 does not answer", lag=3)
        gateway.source.give(status=lost)
        told = await next_event(client, "pulse", seconds=1)
        assert (told["ready"], told["reason"], told["lag"]) == (False, lost.reason, 3)
        gateway.source.give()
        assert (await next_event(client, "pulse", seconds=1))["ready"] is True


async def test_a_pulse_comes_though_nothing_happens(gateway):
    async with socket_client(gateway.url, auth=NEWER) as client:
        first = await next_event(client, "pulse")
        second = await next_event(client, "pulse")
        assert 0 < second["now"] - first["now"] < 5_000


@both_transports
async def test_a_subscription_that_makes_no_sense_is_told_why_and_ended(gateway, transport):
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    client = socketio.AsyncClient(reconnection=False)
    client.on("request_error", told.put, namespace="/parking")
    await client.connect(gateway.url, namespaces=["/parking"], transports=[transport], auth={"protocol": 9})
    error = await asyncio.wait_for(told.get(), 5)
    assert error["error"].startswith("auth is not valid: protocol: 9 is not allowed")
    # Told and ended in one answer, this client misses the end when it polls, and waits half a minute for another.
    await client.eio.disconnect(abort=True)
    assert "parking_gateway_clients 0.0" in gateway.get("/metrics").text


UNREADABLE = ("42/parking,[", "42/parking,{}", "42/parking,[]", "49", "4")
BREAKING_THE_ENGINE = ("9", "hello", "")
HARMLESS = ('42/parking,["connect"]', '42/parking,["disconnect"]', "42/parking,[7]", "451-/parking,[]")


@pytest.mark.parametrize("packet", UNREADABLE)
async def test_an_unreadable_packet_gets_an_answer(gateway, packet):
    async with connect(gateway.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket") as client:
        await client.send("40/parking,")
        await client.send(packet)
        while not (told := str(await client.recv())).startswith('42/parking,["request_error"'):
            pass
        assert "this packet cannot be read" in told


async def test_no_packet_makes_a_stack_trace_or_hurts_others(gateway, caplog):
    async with socket_client(gateway.url) as bystander:
        await next_event(bystander, "initial_data")
        for packet in UNREADABLE + BREAKING_THE_ENGINE + HARMLESS:
            async with connect(gateway.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket") as client:
                with suppress(ConnectionClosed):
                    await client.send("40/parking,")
                    await client.send(packet)
                    await client.send('42/parking,["request_update"]')
            await bystander.emit("request_update")
            await next_event(bystander, "initial_data")
    ours = [entry for entry in caplog.records if not entry.name.startswith("websockets.client")]
    assert not [entry for entry in ours if entry.exc_info or "\n" in entry.getMessage()]
