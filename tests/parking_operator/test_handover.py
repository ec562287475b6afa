"""A change of engine: the old one is out before the new one comes in, however long that takes."""

from typing import Any

import pytest

from parking_operator.handover import WORKLOADS, held_back, outgoing
from parking_operator.objects import Ref, ref_of
from parking_operator.reconcile import Outcome, reconcile
from parking_operator.render import render
from parking_operator.status import ConditionType, Reason
from parking_operator.world import Child, MemoryWorld, WorldError
from tests.support.worlds import SITE, FlakyWorld, LingeringWorld, LivelyWorld, make_lot

SPARK, EMBEDDED = {"engine": "Spark"}, {"engine": "Embedded", "processes": 2}
OLD = {"Spark": ["SparkApplication central-sessions"], "Embedded": [f"Deployment central-sessions-{n}" for n in (1, 2)]}
BOTH_WAYS = pytest.mark.parametrize(("before", "after"), [(SPARK, EMBEDDED), (EMBEDDED, SPARK)], ids=["out", "back"])


def at(world: MemoryWorld, sessions: dict[str, Any], **spec: Any) -> Outcome:
    return reconcile(make_lot(sessions=sessions, **spec), SITE, world)


def workloads_of_the_job(world: MemoryWorld) -> list[str]:
    return [str(ref) for ref in world.objects if "-sessions" in ref.name and ref.kind in WORKLOADS]


@BOTH_WAYS
def test_the_old_engine_goes_before_the_new_one_comes(before: dict[str, Any], after: dict[str, Any]) -> None:
    world = LivelyWorld()
    at(world, before)
    world.writes.clear()
    assert at(world, after).status.is_ready
    old, new = OLD[before["engine"]], OLD[after["engine"]]
    changes = [change for change in world.writes if change.split()[1] in WORKLOADS]
    assert changes == [*(f"remove {name}" for name in old), *(f"apply {name}" for name in new)]
    assert workloads_of_the_job(world) == new
    assert at(world, after).applied == at(world, after).removed == ()


@BOTH_WAYS
def test_while_the_old_one_is_ending_the_new_one_waits_and_says_so(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    world = LingeringWorld()
    at(world, before)
    old, new = OLD[before["engine"]], OLD[after["engine"]]
    for _ in range(2):
        told = at(world, after).status.condition(ConditionType.SESSION_JOB_READY)
        assert workloads_of_the_job(world) == old
        assert (told.reason, told.message) == (Reason.PROGRESSING, f"{new[0]}: waits until {old[0]} has ended")
    world.let_go()
    assert at(world, after).status.is_ready
    assert workloads_of_the_job(world) == new


def test_meanwhile_everything_else_goes_on() -> None:
    world = LingeringWorld()
    at(world, SPARK, cameras={"count": 1})
    applied = {str(ref) for ref in at(world, EMBEDDED, cameras={"count": 5}).applied}
    assert {"Deployment central-cameras-1", "Deployment central-cameras-2"} <= applied


def test_a_change_of_mind_halfway_brings_the_old_engine_back() -> None:
    world = LingeringWorld()
    at(world, SPARK)
    at(world, EMBEDDED)
    at(world, SPARK)
    world.let_go()
    assert at(world, SPARK).status.is_ready
    assert workloads_of_the_job(world) == OLD["Spark"]


def test_an_old_engine_that_cannot_be_removed_holds_up_the_new_one_and_is_told() -> None:
    class Keeping(LivelyWorld):
        def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
            if ref.kind == "SparkApplication":
                raise WorldError("forbidden")
            super().remove(ref, keep_data=keep_data)

    world = Keeping()
    at(world, SPARK)
    told = at(world, EMBEDDED).status.condition(ConditionType.SESSION_JOB_READY)
    assert (told.reason, told.message) == (Reason.NOT_APPLIED, "SparkApplication central-sessions: forbidden")
    assert workloads_of_the_job(world) == OLD["Spark"]


def test_a_flaky_world_comes_to_the_same_end() -> None:
    world = FlakyWorld()
    for sessions in (SPARK, EMBEDDED, SPARK):
        passes = 0
        while not (outcome := at(world, sessions)).status.is_ready or outcome.failures:
            passes += 1
            assert passes < 20
        assert workloads_of_the_job(world) == OLD[sessions["engine"]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"sessions": EMBEDDED}, {"sessions": {**EMBEDDED, "processes": 1}}),
        ({"sessions": EMBEDDED}, {"sessions": EMBEDDED, "suspend": True}),
        ({"sessions": SPARK}, {"sessions": {**SPARK, "timeoutSeconds": 60}}),
        ({"sessions": SPARK, "cameras": {"count": 8}}, {"sessions": SPARK, "cameras": {"source": "External"}}),
    ],
    ids=["fewer processes", "suspended", "another document", "no cameras"],
)
def test_nothing_else_is_a_handover(before: dict[str, Any], after: dict[str, Any]) -> None:
    seen = {ref_of(m): Child(m) for m in render(make_lot(**before), SITE)}
    wanted = {ref_of(m): m for m in render(make_lot(**after), SITE)}
    assert outgoing(wanted, seen) == []
    assert held_back(wanted, seen) == {}
