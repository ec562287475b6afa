"""Socket.IO as clients see it, over both transports, of a gateway whose updates come from the test."""

from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.support.live_gateway import ended, next_event, served_gateway, session, socket_client

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
