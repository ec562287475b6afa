"""The REST interface of the real program on a real broker: shapes, readiness, restart of the broker, and its end."""

import math
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.support.broker import create_topics, kafka_broker, produce
from tests.support.gateway_shapes import PROBLEM, REST, check
from tests.support.live_gateway import BAYS, Gateway, ended, records, running_gateway, session

pytestmark = pytest.mark.broker

TOPIC = "processed-of-gateway-rest"
PARKED = session("51A-123.45", "A1")
CLOSED, LOST = ended(session("51B-1", "A2")), ended(session("51C-1", "A3"), status="TIMEOUT")


@pytest.fixture(scope="module")
def gateway(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    create_topics(kafka, [TOPIC], partitions=2)
    produce(kafka, TOPIC, records(PARKED, CLOSED, LOST, session("51D-1", "A2", lot="elsewhere")))
    with running_gateway(tmp_path_factory.mktemp("gateway"), bootstrap_servers=kafka, topic=TOPIC) as running:
        running.wait_for("/readyz", ready=True)
        yield running


@pytest.mark.parametrize("path", REST)
def test_every_answer_has_its_frozen_shape(gateway, path):
    answer = gateway.get(path)
    assert answer.status_code == 200
    check(answer.json(), REST[path])


def test_the_answers_say_what_is_on_the_topic(gateway):
    assert gateway.get("/api/statistics").json() == {
        "total_locations": len(BAYS),
        "busy_count": 1,
        "free_count": len(BAYS) - 1,
        "active_sessions": 1,
        "closed_sessions_total": 2,
    }
    assert gateway.get("/api/locations/busy").json() == {"busy_locations": ["A1"], "count": 1}
    (active,) = gateway.get("/api/sessions/active").json()["active_sessions"]
    # It began when the run of tests did, which may be many blocks ago.
    assert (active["license_plate"], active["cost"]) == ("51A-123.45", math.ceil(active["duration"] / 600) * 10_000)
    assert time.time() - active["start_time"] - active["duration"] < 2
    closed = gateway.get("/api/sessions/closed?limit=1000").json()["closed_sessions"]
    assert {s["session_id"]: s for s in closed} == {s.session_id: s.model_dump(mode="json") for s in (CLOSED, LOST)}
    assert gateway.get("/api/location/a1").json()["license_plate"] == "51A-123.45"


def test_an_unknown_bay_and_a_wrong_limit(gateway):
    unknown = gateway.get("/api/location/Z9")
    assert unknown.status_code == 404
    check(unknown.json(), PROBLEM)
    assert gateway.get("/api/sessions/closed?limit=0").status_code == 422


def test_another_gateway_reads_everything_too(gateway, kafka, tmp_path):
    with running_gateway(tmp_path, bootstrap_servers=kafka, topic=TOPIC) as second:
        second.wait_for("/readyz", ready=True)
        assert second.get("/api/statistics").json() == gateway.get("/api/statistics").json()


def test_a_broker_that_goes_and_comes_back_needs_no_restart(tmp_path: Path):
    with (
        kafka_broker(tmp_path) as broker,
        running_gateway(tmp_path, bootstrap_servers=broker.bootstrap_servers, topic="processed-data") as gateway,
    ):
        missing = gateway.wait_for("/readyz", status=503)
        assert missing["reason"]
        create_topics(broker.bootstrap_servers, ["processed-data"])
        produce(broker.bootstrap_servers, "processed-data", records(PARKED))
        gateway.wait_for("/readyz", ready=True)
        broker.stop()
        away = gateway.wait_for("/readyz", status=503)
        assert "does not answer" in away["reason"]
        assert gateway.get("/healthz").status_code == 200
        assert gateway.get("/api/statistics").json()["active_sessions"] == 1
        broker.start()
        gateway.wait_for("/readyz", ready=True)
        produce(broker.bootstrap_servers, "processed-data", records(ended(PARKED)))
        gateway.wait_for("/api/statistics", closed_sessions_total=1)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_within_three_seconds_with_clients_connected(kafka, tmp_path, how):
    with running_gateway(tmp_path, bootstrap_servers=kafka, topic=TOPIC) as gateway:
        websocket = gateway.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        with connect(websocket) as client:
            client.recv(timeout=5)
            polling = gateway.get("/socket.io/?EIO=4&transport=polling")
            assert polling.status_code == 200
            started = time.monotonic()
            gateway.process.send_signal(how)
            assert gateway.process.wait(10) == 0
            assert time.monotonic() - started < 3
        assert "Traceback" not in gateway.log()


def test_it_ends_within_three_seconds_without_a_broker(tmp_path):
    with running_gateway(tmp_path, bootstrap_servers="127.0.0.1:1", topic=TOPIC) as gateway:
        started = time.monotonic()
        gateway.process.terminate()
        assert gateway.process.wait(10) == 0
        assert time.monotonic() - started < 3


def test_a_lot_without_a_road_says_so(gateway):
    assert gateway.get("/api/v2/lot").json()["has_road"] is False
    answer = gateway.get("/api/v2/road")
    assert (answer.status_code, answer.json()) == (404, {"error": "this lot has no road"})
