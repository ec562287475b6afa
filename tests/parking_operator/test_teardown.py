"""The end of a lot: its order, what happens to topics, and that nothing blocks it for ever."""

from datetime import timedelta

import pytest

from parking.lot import ParkingLot
from parking_operator.objects import Ref
from parking_operator.reconcile import reconcile
from parking_operator.render.labels import COMPONENTS, component_of
from parking_operator.teardown import Ending, tear_down
from parking_operator.world import MemoryWorld, WorldError
from tests.support.worlds import SITE, LingeringWorld, LivelyWorld, make_lot

SOON, PATIENCE = timedelta(seconds=1), timedelta(seconds=60)


def step(lot: ParkingLot, world: MemoryWorld, *, waited: timedelta) -> Ending:
    return tear_down(lot, world, waited=waited, patience=PATIENCE)


def made(world: MemoryWorld, **spec) -> None:
    reconcile(make_lot(**spec), SITE, world)
    world.writes.clear()


def components_left(world: MemoryWorld) -> set[str]:
    return {component_of(manifest) for manifest in world.objects.values()}


def test_components_end_one_after_the_other_each_when_the_one_before_has_gone() -> None:
    world = LingeringWorld()
    made(world, road={})
    left = list(COMPONENTS)
    while left:
        assert components_left(world) == set(left)
        assert not step(make_lot(), world, waited=SOON).is_over
        assert components_left(world) == set(left), "nothing further is touched before these have gone"
        world.let_go()
        left.pop()
    assert step(make_lot(), world, waited=SOON).is_over


def test_programs_end_before_their_things() -> None:
    world = LivelyWorld()
    made(world, cameras={"count": 1})
    step(make_lot(), world, waited=SOON)
    assert world.writes[0] == "remove Deployment central-cameras-1"


@pytest.mark.parametrize(
    ("policy", "kept"), [("Retain", {"raw-data", "processed-data", "quarantine"}), ("Delete", set())]
)
def test_topics_stay_or_go_as_the_lot_says(policy: str, kept: set[str]) -> None:
    world = LivelyWorld()
    made(world, deletionPolicy=policy)
    while not step(make_lot(deletionPolicy=policy), world, waited=SOON).is_over:
        pass
    assert world.kept_topics == kept


def test_a_topic_of_an_older_lot_stays() -> None:
    world = LivelyWorld()
    made(world)
    world.taken = {"raw-data": "default/harbour"}
    while not step(make_lot(deletionPolicy="Delete"), world, waited=SOON).is_over:
        pass
    assert world.kept_topics == {"raw-data"}


def test_a_child_that_stays_blocks_nothing_for_ever() -> None:
    class Keeping(LivelyWorld):
        def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
            if ref.name.startswith("central-cameras") or (ref.name, ref.kind) == ("central-road", "Deployment"):
                raise WorldError(f"{ref} is held")
            super().remove(ref, keep_data=keep_data)

    world = Keeping()
    made(world, road={})
    stuck = step(make_lot(), world, waited=SOON)
    assert not stuck.is_over
    assert "is held" in str(next(iter(stuck.failures.values())))
    assert components_left(world) == set(COMPONENTS)
    assert not step(make_lot(), world, waited=PATIENCE).is_over
    assert components_left(world) == {"camera", "road"}, "order counts no more"
    ending = step(make_lot(), world, waited=2 * PATIENCE)
    assert ending.is_over
    assert ending.given_up
    assert {ref.name for ref in ending.left} >= {"central-cameras-1"}
