"""The end of a lot: its order, its data under both policies and both ways of managing topics, and its obstacles."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from parking_operator.objects import Ref
from parking_operator.topic_admin import TopicAdmin
from tests.cluster.conftest import Surroundings
from tests.support.cluster.lots import LotInCluster
from tests.support.cluster.operator import OperatorProcess
from tests.support.cluster.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.broker]

MakeLot = Callable[..., LotInCluster]
ADMIN: dict[str, Any] = {}
STRIMZI: dict[str, Any] = {"kafka": {"cluster": {"name": "main", "namespace": "default"}, "replicas": 1}}
BOTH_WAYS = pytest.mark.parametrize("topics_by", [ADMIN, STRIMZI], ids=["admin client", "Strimzi"])


def produce(brokers: str, topic: str, count: int) -> None:
    producer = Producer({"bootstrap.servers": brokers})
    for number in range(count):
        producer.produce(topic, key=str(number), value=b"{}")
    assert producer.flush(30) == 0


def records(brokers: str, topic: str) -> int:
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "count"})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        marks = [consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10) for number in partitions]
        return sum(high - low for low, high in marks)
    finally:
        consumer.close()


@BOTH_WAYS
def test_retain_keeps_topics_with_their_records(make_lot: MakeLot, surroundings: Surroundings, topics_by: Any) -> None:
    lot = make_lot(**topics_by)
    lot.wait_for("Ready")
    topic = lot.read().spec.topics.raw
    produce(surroundings.kafka, topic, 500)
    lot.delete()
    lot.wait_until_gone()
    assert records(surroundings.kafka, topic) == 500
    again = make_lot(namespace=lot.namespace, **topics_by)
    again.wait_for("Ready")
    assert records(surroundings.kafka, topic) == 500, "a new lot of this name goes on with them"


@BOTH_WAYS
def test_delete_removes_topics(make_lot: MakeLot, surroundings: Surroundings, topics_by: Any) -> None:
    lot = make_lot(deletionPolicy="Delete", **topics_by)
    lot.wait_for("Ready")
    names = list(lot.read().spec.topics.document().values())
    admin = TopicAdmin(surroundings.kafka)
    assert len(admin.observe(names)) == 3
    lot.delete()
    lot.wait_until_gone()
    eventually(lambda: admin.observe(names) == {})


@BOTH_WAYS
@pytest.mark.parametrize(("policy", "left"), [("Retain", 2), ("Delete", 1)])
def test_a_renamed_topic_stays_or_goes(
    make_lot: MakeLot, surroundings: Surroundings, topics_by: Any, policy: str, left: int
) -> None:
    lot = make_lot(deletionPolicy=policy, **topics_by)
    lot.wait_for("Ready")
    old, new = lot.read().spec.topics.raw, f"{lot.namespace}-renamed"
    lot.edit(topics={"raw": new})
    eventually(lambda: new in (lot.body() or {})["status"]["topics"])
    lot.wait_for("Ready")
    admin = TopicAdmin(surroundings.kafka)
    eventually(lambda: len(admin.observe([old, new])) == left)


def test_cameras_end_before_the_job_and_the_job_before_the_gateway(
    make_lot: MakeLot, surroundings: Surroundings
) -> None:
    """A pod that takes its time (a finalizer stands for that) holds up what comes after it."""
    api = surroundings.plane.api
    lot = make_lot()
    lot.wait_for("Ready")
    (camera,) = [pod for pod in api.list("v1", "Pod", lot.namespace) if "cameras" in pod["metadata"]["name"]]
    api.merge(camera, {"metadata": {"finalizers": ["tests.parking.dev/slow"]}})
    lot.delete()
    eventually(lambda: not [ref for ref in lot.children() if "cameras" in ref.name])
    time.sleep(2)  # long enough for the operator to do something wrong
    assert "deletionTimestamp" in (lot.body() or {})["metadata"]
    assert {"central-sessions", "central-gateway"} <= {ref.name for ref in lot.children()}
    api.merge(camera, {"metadata": {"finalizers": None}})
    lot.wait_until_gone()


def test_a_change_of_engine_waits_for_the_last_pod_of_the_old_one(
    make_lot: MakeLot, surroundings: Surroundings
) -> None:
    api = surroundings.plane.api
    lot = make_lot(sessions={"engine": "Embedded"})
    lot.wait_for("Ready")
    (pod,) = [pod for pod in api.list("v1", "Pod", lot.namespace) if "sessions" in pod["metadata"]["name"]]
    api.merge(pod, {"metadata": {"finalizers": ["tests.parking.dev/slow"]}})
    lot.edit(sessions={"engine": "Spark"})
    waits = "SparkApplication central-sessions: waits until Deployment central-sessions-1 has ended"
    lot.wait_for("Progressing", condition="SessionJobReady", message=waits)
    assert not [ref for ref in lot.children() if ref.kind == "SparkApplication"]
    api.merge(pod, {"metadata": {"finalizers": None}})
    lot.wait_for("Ready")


def test_a_lot_whose_spec_cannot_be_read_can_still_be_deleted(make_lot: MakeLot) -> None:
    lot = make_lot(layout={"bays": ["A1", "A1"]})
    lot.wait_for("Invalid")
    lot.delete()
    lot.wait_until_gone()


@pytest.fixture
def hasty(surroundings: Surroundings, tmp_path: Path) -> Iterator[OperatorProcess]:
    """A second operator, which waits for a child that does not end for seconds only."""
    with surroundings.operator(tmp_path, "--patience-seconds", "3").at_work() as process:
        yield process


@pytest.mark.usefixtures("hasty")
def test_a_child_that_never_ends_blocks_no_deletion_for_ever(surroundings: Surroundings, make_lot: MakeLot) -> None:
    api = surroundings.plane.api
    lot = make_lot("stuck")
    lot.wait_for("Ready")
    gateway = lot.children()[Ref("apps/v1", "Deployment", lot.namespace, "stuck-gateway")]
    api.merge(gateway, {"metadata": {"finalizers": ["tests.parking.dev/never"]}})
    lot.delete()
    eventually(lambda: lot.body() is None, timeout=60)
    assert ("Warning", "LeftBehind") in lot.events()
    api.merge(gateway, {"metadata": {"finalizers": None}})
    eventually(lambda: lot.children() == {}, what="left behind for ever")
