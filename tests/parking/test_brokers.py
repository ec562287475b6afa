"""Connections to a broker that has vanished are given up in time for a second try."""

from parking.brokers import CONNECT_MS, SILENT_MS, client_settings
from parking_simulators.publish import DELIVERY_TIMEOUT


def test_every_client_is_told_the_brokers() -> None:
    assert client_settings("one:9092,two:9092")["bootstrap.servers"] == "one:9092,two:9092"


def test_a_silent_broker_is_given_up_before_its_records_are() -> None:
    assert SILENT_MS + 2 * CONNECT_MS < DELIVERY_TIMEOUT * 1_000
