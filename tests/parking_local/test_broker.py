"""The broker: starts, keeps its data, survives a crash."""

from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking_local.broker import Broker, BrokerSettings, is_ready
from parking_local.ports import free_port
from tests.support.broker import consume_all, create_topics, kafka_broker, produce

pytestmark = pytest.mark.broker


def test_records_survive_a_restart_and_a_crash(tmp_path: Path) -> None:
    with kafka_broker(tmp_path) as broker:
        create_topics(broker.bootstrap_servers, ["kept"], partitions=3)
        produce(broker.bootstrap_servers, "kept", [("a", "1"), ("b", "2")])
        broker.stop()
        assert not is_ready(broker.bootstrap_servers)
        broker.start()
        produce(broker.bootstrap_servers, "kept", [("c", "3")])
        broker.kill()
        broker.start()
        assert {m.value() for m in consume_all(broker.bootstrap_servers, "kept", at_least=3)} == {b"1", b"2", b"3"}


def test_a_taken_port_is_told_with_its_holder(kafka: str, tmp_path: Path) -> None:
    port = int(kafka.rpartition(":")[2])
    with pytest.raises(ParkingError, match=rf"port {port} is taken by java \(pid \d+\)"):
        Broker(BrokerSettings(port=port, data_dir=tmp_path)).start()


def test_a_broker_that_cannot_start_tells_why(tmp_path: Path) -> None:
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "meta.properties").write_text("version=1\nnode.id=7\n")
    with pytest.raises(ParkingError, match=r"(?s)the broker ended with code 1: .*No readable meta\.properties"):
        Broker(BrokerSettings(port=free_port(), data_dir=tmp_path)).start()


def test_unknown_topics_are_not_made_by_reading(kafka: str) -> None:
    from confluent_kafka.admin import AdminClient

    client = AdminClient({"bootstrap.servers": kafka})
    assert "never-made" not in client.list_topics(timeout=10).topics
    client.list_topics("never-made", timeout=10)
    assert "never-made" not in client.list_topics(timeout=10).topics
