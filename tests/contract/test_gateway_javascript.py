"""Every Socket.IO event with every field, as the official JavaScript client (socket.io-client 4.x) gets them."""

import pytest

from tests.support.broker import create_topics, produce
from tests.support.gateway_shapes import EVENTS, check
from tests.support.javascript_client import javascript_client
from tests.support.live_gateway import ended, records, running_gateway, session

pytestmark = pytest.mark.broker

TOPIC = "processed-of-gateway-javascript"


@pytest.fixture(scope="module")
def gateway(kafka: str, tmp_path_factory: pytest.TempPathFactory):
    create_topics(kafka, [TOPIC])
    with running_gateway(tmp_path_factory.mktemp("gateway"), bootstrap_servers=kafka, topic=TOPIC) as running:
        running.wait_for("/readyz", ready=True)
        yield running


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_every_event_arrives_with_every_field(gateway, kafka, transport):
    opened = session(f"51A-{transport}", "A2")
    seen = {}
    with javascript_client(gateway.url, transport) as client:
        assert client.next("connect") == {"transport": transport}
        seen["initial_data"] = client.next("initial_data")
        produce(kafka, TOPIC, records(opened))
        seen["parking_update"] = client.next("parking_update")
        assert seen["parking_update"] == opened.model_dump(mode="json")
        client.emit("request_location", {"location_id": "a2"})
        seen["location_info"] = client.next("location_info")
        assert seen["location_info"]["license_plate"] == opened.license_plate
        seen["duration_update"] = client.next("duration_update")
        produce(kafka, TOPIC, records(ended(opened)))
        seen["exit_notification"] = client.next("exit_notification")
        seen["statistics_update"] = client.next("statistics_update")
        client.emit("request_update")
        assert client.next("initial_data")["busy_locations"] == []
    for event, data in seen.items():
        check(data, EVENTS[event])
    assert seen.keys() == EVENTS.keys()
