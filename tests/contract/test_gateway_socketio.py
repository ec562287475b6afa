"""Every Socket.IO event with every field, as the Python client gets them from the real program on a real broker."""

from collections.abc import Iterator

import pytest

from tests.support.broker import create_topics, produce
from tests.support.gateway_shapes import EVENTS, check
from tests.support.live_gateway import Gateway, ended, next_event, records, running_gateway, session, socket_client

pytestmark = pytest.mark.broker

TOPIC = "processed-of-gateway-socketio"


@pytest.fixture(scope="module")
def gateway(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    create_topics(kafka, [TOPIC], partitions=2)
    produce(kafka, TOPIC, records(session("OLD-1", "B1"), ended(session("OLD-2", "B2"))))
    with running_gateway(tmp_path_factory.mktemp("gateway"), bootstrap_servers=kafka, topic=TOPIC) as running:
        running.wait_for("/readyz", ready=True)
        yield running


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_every_event_arrives_with_every_field(gateway, kafka, transport):
    opened = session(f"51A-{transport}", "A2")
    seen = {}
    async with socket_client(gateway.url, transport) as client:
        seen["initial_data"] = await next_event(client, "initial_data")
        assert seen["initial_data"]["busy_locations"] == ["B1"]
        produce(kafka, TOPIC, records(opened))
        seen["parking_update"] = await next_event(client, "parking_update", 15)
        assert seen["parking_update"] == opened.model_dump(mode="json")
        await client.emit("request_location", {"location_id": "a2"})
        seen["location_info"] = await next_event(client, "location_info")
        assert seen["location_info"]["license_plate"] == opened.license_plate
        await client.emit("request_location", {"location_id": "nowhere"})
        assert "error" in await next_event(client, "location_info")
        seen["duration_update"] = await next_event(client, "duration_update", 10)
        produce(kafka, TOPIC, records(ended(opened, status="TIMEOUT" if transport == "polling" else "CLOSED")))
        seen["exit_notification"] = await next_event(client, "exit_notification", 15)
        assert seen["exit_notification"]["timestamp"] == ended(opened).end_time
        seen["statistics_update"] = await next_event(client, "statistics_update")
        await client.emit("request_update")
        assert (await next_event(client, "initial_data"))["busy_locations"] == ["B1"]
    for event, data in seen.items():
        check(data, EVENTS[event])
    assert seen.keys() == EVENTS.keys()


async def test_an_upgraded_connection_goes_on_without_a_gap(gateway, kafka):
    import socketio

    async with socketio.AsyncSimpleClient() as client:
        await client.connect(gateway.url, namespace="/parking")  # long-polling first, then a WebSocket
        await next_event(client, "initial_data")
        assert client.transport == "websocket"
        opened = session("51A-upgraded", "A3")
        produce(kafka, TOPIC, records(opened, ended(opened)))
        await next_event(client, "exit_notification", 15)
