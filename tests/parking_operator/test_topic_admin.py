"""Topics through the admin client, on a real broker."""

import time

import pytest

from parking.topics import TopicSpec
from parking_local.ports import free_port
from parking_operator.topic_admin import TopicAdmin
from parking_operator.world import WorldError

pytestmark = pytest.mark.broker

CONFIG = {"cleanup.policy": "compact,delete", "retention.ms": "1000000"}


def spec(name: str, *, partitions: int = 2, replicas: int = 1, config: dict[str, str] | None = None) -> TopicSpec:
    return TopicSpec(name=name, partitions=partitions, replicas=replicas, config=config or CONFIG)


def test_a_missing_topic_is_made_once(kafka: str) -> None:
    admin = TopicAdmin(kafka)
    assert admin.observe(["made"]) == {}
    assert admin.ensure(spec("made"))
    assert not admin.ensure(spec("made"))
    assert admin.observe(["made", "absent"]) == {"made": spec("made")}


def test_partitions_grow_and_settings_change(kafka: str) -> None:
    admin = TopicAdmin(kafka)
    admin.ensure(spec("grown", config={**CONFIG, "max.message.bytes": "2000000"}))
    assert admin.ensure(spec("grown", partitions=5, config={"retention.ms": "2000000"}))
    wanted = spec("grown", partitions=5, config={**CONFIG, "retention.ms": "2000000", "max.message.bytes": "2000000"})
    deadline = time.monotonic() + 10  # the broker learns of it from the controller a moment later
    while admin.observe(["grown"])["grown"] != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert admin.observe(["grown"])["grown"] == wanted


def test_partitions_never_shrink(kafka: str) -> None:
    admin = TopicAdmin(kafka)
    admin.ensure(spec("wide", partitions=3))
    with pytest.raises(WorldError, match="wide has 3 partitions and cannot shrink to 2; allowed: 3 or more"):
        admin.ensure(spec("wide", partitions=2))


def test_more_replicas_than_there_are_is_told(kafka: str) -> None:
    admin = TopicAdmin(kafka)
    with pytest.raises(WorldError, match=r"replication.factor|Replication|broker"):
        admin.ensure(spec("thick", replicas=3))
    admin.ensure(spec("thin"))
    with pytest.raises(WorldError, match="thin has 1 replicas; for 3 its partitions have to be reassigned"):
        admin.ensure(spec("thin", replicas=3))


def test_a_refused_setting_is_told_in_the_brokers_words(kafka: str) -> None:
    with pytest.raises(WorldError, match=r"retention\.ms"):
        TopicAdmin(kafka).ensure(spec("bad", config={"retention.ms": "soon"}))


def test_deleting_twice_is_no_error(kafka: str) -> None:
    admin = TopicAdmin(kafka)
    admin.ensure(spec("gone"))
    admin.delete("gone")
    admin.delete("gone")
    assert admin.observe(["gone"]) == {}


def test_a_broker_that_is_away_is_told_with_its_address() -> None:
    servers = f"127.0.0.1:{free_port()}"
    with pytest.raises(WorldError, match=f"no broker answers at {servers}"):
        TopicAdmin(servers, timeout=1).observe(["any"])
