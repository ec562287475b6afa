"""This machine as a world: a real broker, real processes, real files."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from parking.lot import ParkingLot
from parking.manifest import load_lot
from parking_local import spark
from parking_local.lot_folder import LotFolder
from parking_local.lots import localised, machine_site
from parking_local.machine import MachineWorld
from parking_local.ports import free_port
from parking_local.processes import Supervisor
from parking_operator.objects import ref_of
from parking_operator.reconcile import Outcome, reconcile
from parking_operator.render import render
from parking_operator.site import Site
from parking_operator.status import ConditionType, Reason
from parking_operator.topic_admin import TopicAdmin
from parking_operator.world import WorldError
from tests.parking_operator.render.test_render import CASES, GOLDEN
from tests.support import stand_in
from tests.support.worlds import make_lot

pytestmark = pytest.mark.broker

TOPICS = {"raw": "machine-raw", "processed": "machine-processed", "quarantine": "machine-quarantine"}


@pytest.fixture
def folder(tmp_path: Path) -> LotFolder:
    return LotFolder(tmp_path)


@pytest.fixture
def site(kafka: str, tmp_path: Path) -> Site:
    return machine_site(bootstrap_servers=kafka, storage=tmp_path / "storage", gateway_port=free_port())


@pytest.fixture
def supervisor(folder: LotFolder) -> Iterator[Supervisor]:
    running = Supervisor(folder)
    yield running
    running.kill_all()


@pytest.fixture
def world(folder: LotFolder, supervisor: Supervisor, kafka: str, monkeypatch: pytest.MonkeyPatch) -> MachineWorld:
    """The real thing but for Spark, in whose place a program stands that answers probes."""
    monkeypatch.setattr(spark, "argv", lambda spec: [sys.executable, stand_in.__file__, *spec["arguments"]])
    return MachineWorld(folder, supervisor, TopicAdmin(kafka))


def run_until(done: Callable[[Outcome], bool], step: Callable[[], Outcome], timeout: float = 40) -> Outcome:
    deadline = time.monotonic() + timeout
    while not done(outcome := step()):
        assert time.monotonic() < deadline, outcome.status
        time.sleep(0.1)
    return outcome


def is_ready(outcome: Outcome) -> bool:
    return outcome.status.is_ready


def pids(folder: LotFolder) -> dict[str, int]:
    return {entry["name"]: entry["pid"] for entry in folder.read(folder.processes)}


@pytest.mark.parametrize("case", CASES)
def test_the_golden_lots_are_made_as_a_cluster_makes_them(world: MachineWorld, site: Site, case: str) -> None:
    """The same lots, objects and verdicts as in tests/cluster/test_operator.py."""
    manifest = yaml.safe_load((GOLDEN / "lots" / f"{case}.yaml").read_text())
    manifest["spec"]["topics"] = {key: f"{case}-{name}" for key, name in TOPICS.items()}
    lot = localised(load_lot(manifest))
    outcome = run_until(lambda done: done.status.is_settled, lambda: reconcile(lot, site, world))
    expected = Reason.SUSPENDED if lot.spec.suspend else Reason.READY
    assert outcome.status.condition(ConditionType.READY).reason is expected
    assert set(world.observe(lot).children) == {ref_of(rendered) for rendered in render(lot, site)}


def test_the_life_of_a_lot(world: MachineWorld, site: Site, folder: LotFolder, kafka: str) -> None:
    def lot(**spec: Any) -> ParkingLot:
        return make_lot(topics=TOPICS, kafka={"partitions": 2, "replicas": 3}, **spec)

    run_until(is_ready, lambda: reconcile(lot(cameras={"count": 4}), site, world))
    first = pids(folder)
    assert list(first) == ["gateway", "sessions", "cameras-1"]
    assert TopicAdmin(kafka).observe(["machine-raw"])["machine-raw"].partitions == 2
    assert folder.read_status() == world.observe(lot()).status

    quiet = reconcile(lot(cameras={"count": 4}), site, world)
    assert quiet.applied == quiet.removed == ()

    run_until(is_ready, lambda: reconcile(lot(cameras={"count": 5}), site, world))
    second = pids(folder)
    assert set(second) == {"gateway", "sessions", "cameras-1", "cameras-2"}
    assert (second["gateway"], second["sessions"]) == (first["gateway"], first["sessions"])
    assert second["cameras-1"] != first["cameras-1"], "it gave bays away"

    reconcile(lot(cameras={"count": 5}, suspend=True), site, world)
    assert pids(folder) == {"gateway": first["gateway"]}

    world.stop()
    assert pids(folder) == {}
    assert "ended in order" in folder.log("sessions").read_text()


def test_a_change_of_engine_ends_the_old_programs_before_the_new_ones_start(
    world: MachineWorld, site: Site, folder: LotFolder
) -> None:
    def lot(**sessions: Any) -> ParkingLot:
        return make_lot(
            topics=TOPICS, kafka={"partitions": 2, "replicas": 3}, cameras={"source": "External"}, sessions=sessions
        )

    run_until(is_ready, lambda: reconcile(lot(engine="Spark"), site, world))
    before = pids(folder)
    outcome = reconcile(lot(engine="Embedded", processes=2), site, world)
    assert str(outcome.removed[0]) == "SparkApplication central-sessions"
    assert not psutil.pid_exists(before["sessions"])
    assert set(pids(folder)) == {"gateway", "sessions-1", "sessions-2"}
    run_until(is_ready, lambda: reconcile(lot(engine="Embedded", processes=2), site, world))
    embedded = pids(folder)

    reconcile(lot(engine="Embedded", processes=1), site, world)
    assert pids(folder) == {"gateway": before["gateway"], "sessions-1": embedded["sessions-1"]}

    run_until(is_ready, lambda: reconcile(lot(engine="Spark"), site, world))
    assert set(pids(folder)) == {"gateway", "sessions"}


def test_a_program_that_crashes_is_told_and_comes_back(
    world: MachineWorld, supervisor: Supervisor, site: Site, folder: LotFolder
) -> None:
    lot = make_lot(topics=TOPICS, cameras={"source": "External"})

    def step() -> Outcome:
        supervisor.tick()
        return reconcile(lot, site, world)

    run_until(is_ready, step)
    os.kill(pids(folder)["sessions"], signal.SIGKILL)
    job = ConditionType.SESSION_JOB_READY
    told = run_until(lambda outcome: outcome.status.condition(job).reason is Reason.FAILING, step).status.condition(job)
    assert "SparkApplication central-sessions: SUBMITTED: was killed by signal 9" in told.message
    run_until(is_ready, step)


def test_a_topic_deleted_by_somebody_comes_back(world: MachineWorld, site: Site, kafka: str) -> None:
    lot = make_lot(topics={**TOPICS, "raw": "machine-lost"}, suspend=True)
    reconcile(lot, site, world)
    TopicAdmin(kafka).delete("machine-lost")
    outcome = run_until(lambda outcome: bool(outcome.applied), lambda: reconcile(lot, site, world))
    assert [ref.name for ref in outcome.applied] == ["central-machine-lost"]
    assert "machine-lost" in TopicAdmin(kafka).observe(["machine-lost"])


def test_shrinking_partitions_is_told_and_stops_nothing_else(world: MachineWorld, site: Site) -> None:
    topics = {**TOPICS, "raw": "machine-wide"}
    reconcile(make_lot(topics=topics, kafka={"partitions": 3}, suspend=True), site, world)
    outcome = reconcile(make_lot(topics=topics, kafka={"partitions": 2}, suspend=True), site, world)
    told = outcome.status.condition(ConditionType.TOPICS_READY)
    assert told.reason is Reason.NOT_APPLIED
    assert "cannot shrink to 2" in told.message


def test_a_broker_that_is_away_is_told(folder: LotFolder, supervisor: Supervisor, site: Site) -> None:
    world = MachineWorld(folder, supervisor, TopicAdmin(f"127.0.0.1:{free_port()}", timeout=0.5))
    outcome = reconcile(make_lot(suspend=True), site, world)
    assert "no broker answers" in outcome.status.condition(ConditionType.TOPICS_READY).message


def test_kinds_without_local_meaning_pass_and_unknown_ones_are_an_error(world: MachineWorld) -> None:
    def thing(kind: str) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": "n"}}

    world.apply(thing("NetworkPolicy"))
    with pytest.raises(WorldError, match="kind StatefulSet is not known on one machine"):
        world.apply(thing("StatefulSet"))
