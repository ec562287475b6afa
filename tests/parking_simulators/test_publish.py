import time
from collections.abc import Callable
from pathlib import Path

import pytest

from parking_simulators.publish import Publisher
from tests.support.broker import consume_all, create_topics, kafka_broker

NOWHERE = "127.0.0.1:1"


def wait_until(publisher: Publisher, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, publisher.trouble()
        publisher.serve(0.05)


@pytest.mark.broker
def test_events_arrive_under_their_plate(kafka: str) -> None:
    create_topics(kafka, ["publish-delivers"], partitions=3)
    publisher = Publisher(kafka, "publish-delivers")
    for number in range(1_000):
        publisher.send(f"51A-{number % 7:03}.00", f'{{"number": {number}}}')
    publisher.close()
    messages = consume_all(kafka, "publish-delivers", at_least=1_000)
    assert (publisher.delivered, publisher.lost, publisher.queue_depth) == (1_000, 0, 0)
    places = {(message.key(), message.partition()) for message in messages}
    assert len(places) == 7


@pytest.mark.broker
def test_a_full_buffer_makes_the_sender_wait(kafka: str) -> None:
    create_topics(kafka, ["publish-waits"])
    publisher = Publisher(kafka, "publish-waits")
    sent = 150_000
    for number in range(sent):
        publisher.send("51A-123.45", str(number))
    publisher.close(timeout=30)
    assert (publisher.delivered, publisher.lost) == (sent, 0)
    values = [message.value() for message in consume_all(kafka, "publish-waits", at_least=sent)]
    assert values == [str(number).encode() for number in range(sent)]


@pytest.mark.broker
def test_connected_is_ready_even_with_nothing_to_send(kafka: str) -> None:
    create_topics(kafka, ["publish-ready"])
    publisher = Publisher(kafka, "publish-ready")
    assert publisher.trouble().startswith("not connected: ")
    wait_until(publisher, lambda: publisher.trouble() == "")
    publisher.close()


@pytest.mark.broker
def test_a_missing_topic_is_named(kafka: str) -> None:
    publisher = Publisher(kafka, "publish-missing")
    wait_until(publisher, lambda: "topic publish-missing: " in publisher.trouble())
    assert "Unknown topic" in publisher.trouble()
    publisher.close()


@pytest.mark.broker
def test_an_outage_shows_and_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parking_simulators.publish.UNREADY_AFTER", 1.0)
    with kafka_broker(tmp_path) as broker:
        create_topics(broker.bootstrap_servers, ["raw-data"])
        publisher = Publisher(broker.bootstrap_servers, "raw-data")
        wait_until(publisher, lambda: publisher.trouble() == "")
        broker.kill()
        publisher.send("51A-123.45", "{}")
        wait_until(publisher, lambda: publisher.trouble().startswith("nothing delivered for 1 s: "))
        assert "refused" in publisher.trouble() or "Disconnected" in publisher.trouble()
        broker.start()
        wait_until(publisher, lambda: publisher.trouble() == "")
        publisher.close()
    assert (publisher.delivered, publisher.lost) == (1, 0)


def test_what_an_absent_broker_does_not_take_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    publisher = Publisher(NOWHERE, "raw-data")
    for _ in range(3):
        publisher.send("51A-123.45", "{}")
    publisher.serve()
    assert publisher.trouble().startswith("not connected: ")
    assert publisher.queue_depth == 3
    publisher.close(timeout=0.1)
    assert (publisher.delivered, publisher.lost) == (0, 3)
    assert "3 events lost: the program ended first" in caplog.text


def test_ending_does_not_wait_for_a_full_buffer(caplog: pytest.LogCaptureFixture) -> None:
    publisher = Publisher(NOWHERE, "raw-data", stopped=lambda: True)
    for _ in range(100_001):
        publisher.send("51A-123.45", "{}")
    publisher.close(timeout=0.1)
    assert publisher.lost == 100_001
    assert "1 events lost: the program ended while the buffer was full" in caplog.text


def test_an_event_too_large_to_send_is_lost_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    publisher = Publisher(NOWHERE, "raw-data")
    publisher.send("51A-123.45", "x" * 2_000_000)
    publisher.close(timeout=0.1)
    assert publisher.lost == 1
    assert "1 events lost: Unable to produce message: Broker: Message size too large" in caplog.text
