"""Bad days: the API server away, refusing, or silent; the operator killed between any two of its requests."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import Surroundings
from tests.support.cluster.fault_proxy import FaultProxy
from tests.support.cluster.lots import LotInCluster, versions
from tests.support.cluster.operator import OperatorProcess
from tests.support.cluster.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.broker]

STRIMZI = {"kafka": {"cluster": {"name": "main", "namespace": "default"}, "replicas": 1}}
SEEDS = range(50)


@pytest.fixture(scope="module")
def proxy(surroundings: Surroundings) -> Iterator[FaultProxy]:
    with FaultProxy(surroundings.plane.url, surroundings.plane.authority) as running:
        yield running


@pytest.fixture
def proxied(surroundings: Surroundings, proxy: FaultProxy, tmp_path: Path) -> Iterator[OperatorProcess]:
    """An operator that speaks to the API server through the proxy."""
    with surroundings.operator(tmp_path, url=proxy.url).at_work() as process:
        yield process
        proxy.heal()


@pytest.fixture
def lot(surroundings: Surroundings, proxied: OperatorProcess) -> Iterator[LotInCluster]:
    made = surroundings.lot()
    made.create(**STRIMZI)
    yield made
    made.delete()
    made.wait_until_gone(timeout=120)


@pytest.mark.parametrize("status", [409, 429, 500])
def test_refusals_are_overcome(proxy: FaultProxy, lot: LotInCluster, status: int) -> None:
    lot.wait_for("Ready")
    proxy.answer(status, probability=0.5, seed=status, retry_after=1 if status == 429 else None)
    before = proxy.counters["refused"]
    for count in (6, 2, 8):
        lot.edit(cameras={"count": count})
        lot.wait_for("Ready", timeout=120)
        lot.wait_until_in_line(timeout=120)
    assert proxy.counters["refused"] - before >= 5, "there was something to overcome"
    proxy.heal()


def test_an_outage_of_30_seconds_is_overcome(
    surroundings: Surroundings,
    lot: LotInCluster,
    proxied: OperatorProcess,
    record_property: Callable[[str, object], None],
) -> None:
    lot.wait_for("Ready")
    surroundings.plane.stop_api_server()
    time.sleep(30)  # the outage itself
    surroundings.plane.start_api_server()
    began = time.monotonic()
    lot.edit(cameras={"count": 7})
    lot.wait_for("Ready", timeout=120)
    lot.wait_until_in_line()
    record_property("seconds_to_recover", time.monotonic() - began)
    assert proxied.answer("/healthz")[0] == 200


def test_what_happens_during_an_outage_of_the_operators_own_connection_is_seen_after_it(
    surroundings: Surroundings, proxy: FaultProxy, lot: LotInCluster
) -> None:
    """A child deleted while no watch ran: no watch will ever tell, the audit does."""
    lot.wait_for("Ready")
    proxy.down()
    surroundings.plane.api.delete("v1", "Service", lot.namespace, "central-gateway")
    surroundings.plane.api.delete("apps/v1", "Deployment", lot.namespace, "central-cameras-1")
    lot.edit(gateway={"replicas": 3})
    time.sleep(3)  # the outage itself
    proxy.up()
    lot.wait_until_in_line(timeout=90)
    lot.wait_for("Ready")


def test_cut_watches_are_taken_up_again(surroundings: Surroundings, proxy: FaultProxy, lot: LotInCluster) -> None:
    lot.wait_for("Ready")
    for replicas in (3, 4):
        assert proxy.cut_watches() > 10
        lot.edit(gateway={"replicas": replicas})
        surroundings.plane.api.delete("v1", "ConfigMap", lot.namespace, "central-gateway")
        eventually(lambda: lot.differences() == [], timeout=60)
    lot.wait_for("Ready")


def test_silent_watches_are_noticed_told_and_overcome(
    surroundings: Surroundings, proxy: FaultProxy, lot: LotInCluster, proxied: OperatorProcess
) -> None:
    lot.wait_for("Ready")
    proxied.wait_until_quiet()
    assert proxy.freeze_watches() > 10
    surroundings.plane.api.delete("v1", "Service", lot.namespace, "central-gateway")
    lot.edit(gateway={"replicas": 3})
    lot.wait_until_in_line(timeout=60)  # found by the audit
    eventually(lambda: proxied.metric('parking_operator_watch_behind_seconds{kind="ParkingLot"}') > 0)
    # kopf makes a watch anew that was silent for 70 seconds; then nothing is owed any more
    eventually(lambda: proxied.metric("parking_operator_watch_behind_seconds") == 0, timeout=120)
    lot.wait_for("Ready")


@pytest.mark.timeout(1800)
def test_killed_anywhere_it_comes_to_the_same_end(
    surroundings: Surroundings, proxy: FaultProxy, tmp_path: Path
) -> None:
    """Fifty seeded lives, each killed at some write, before or after the API server got it; then a new one goes on."""
    namespace = surroundings.plane.namespace("killed")
    operator = surroundings.operator(tmp_path, url=proxy.url)
    lot = surroundings.lot(namespace)
    try:
        killed = [_live_through_a_kill(random.Random(seed), seed, operator, lot, proxy) for seed in SEEDS]
        assert sum(killed) >= 30, "most lives end between two requests; the others had come to their end before"
        operator.start()
        operator.wait_until_ready()
        lot.delete()
        lot.wait_until_gone()
    finally:
        proxy.heal()
        operator.stop()


def _live_through_a_kill(
    dice: random.Random, seed: int, operator: OperatorProcess, lot: LotInCluster, proxy: FaultProxy
) -> bool:
    """Kill the operator in the middle of a change and let another one finish it; tells whether it was in the middle."""
    if lot.body() is None:
        lot.create(**STRIMZI)
    elif dice.random() < 0.3:
        lot.delete()
    else:
        lot.edit(
            cameras={"count": dice.randint(1, 20), "camerasPerPod": dice.randint(1, 4)},
            gateway={"replicas": dice.randint(1, 4), "maxReplicas": dice.choice([None, 5])},
            sessions={"engine": dice.choice(["Spark", "Embedded"]), "timeoutSeconds": dice.randint(10, 90)},
            suspend=dice.random() < 0.2,
        )
    crash = proxy.crash_at(dice.randint(1, 20), operator.kill, done=dice.random() < 0.5)
    operator.start()
    eventually(lambda: crash.struck.is_set() or _is_done(lot, operator), timeout=60)
    killed = crash.struck.is_set()
    operator.kill()
    proxy.heal()
    operator.start()
    operator.wait_until_ready()
    if "deletionTimestamp" in (lot.body() or {"metadata": {}})["metadata"]:
        lot.wait_until_gone()
    if lot.body() is None:
        lot.create(**STRIMZI)
    lot.wait_until_in_line(timeout=90)
    eventually(
        lambda: lot.conditions().get("Ready", ("", ""))[1] in {"Ready", "Suspended"}, timeout=90, what=f"seed {seed}"
    )
    before = versions(lot.children())
    operator.wait_until_quiet(seconds=0.3)
    assert versions(lot.children()) == before, f"seed {seed}"
    operator.kill()
    return killed


def _is_done(lot: LotInCluster, operator: OperatorProcess) -> bool:
    """Whether the operator came to an end of its work before the write at which it was to be killed."""
    if operator.answer("/readyz")[0] != 200 or operator.metric("parking_operator_reconcile_total") == 0:
        return lot.body() is None
    told = lot.conditions().get("Ready", ("", ""))[1]
    body = lot.body()
    return body is None or (
        told in {"Ready", "Suspended"}
        and body["status"]["observedGeneration"] == body["metadata"]["generation"]
        and lot.differences() == []
    )
