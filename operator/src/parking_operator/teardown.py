"""The end of a lot: cameras first, so that the job sees their last events, then job, gateway and topics.

Each component ends before the next one is touched. A child that cannot be removed holds this up for a while only.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from parking.lot import ParkingLot
from parking_operator.handover import WORKLOADS
from parking_operator.objects import Ref
from parking_operator.render.labels import COMPONENTS, component_of
from parking_operator.render.topics import KAFKA_TOPIC
from parking_operator.world import Child, Observation, World, WorldError

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How far the end of a lot has come: what is still there, and what went wrong."""

    left: tuple[Ref, ...] = ()
    failures: Mapping[Ref, WorldError] | None = None
    given_up: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the lot may go."""
        return self.given_up or not self.left


def tear_down(lot: ParkingLot, world: World, *, waited: timedelta, patience: timedelta) -> Ending:
    """Take the next step towards the end of a lot, which began ``waited`` ago.

    After ``patience`` the order no longer counts; after twice that time what is left stays behind. Raises WorldError
    when the world cannot be observed.
    """
    seen = world.observe(lot)
    failures: dict[Ref, WorldError] = {}
    for ref in next_to_end(seen.children, in_order=waited < patience):
        try:
            world.remove(ref, keep_data=_keeps_data(lot, seen, ref))
        except WorldError as error:
            LOG.warning("%s: %s", ref, error)
            failures[ref] = error
    left = tuple(world.observe(lot).children)
    return Ending(left, failures, given_up=bool(left) and waited >= 2 * patience)


def next_to_end(children: Mapping[Ref, Child], *, in_order: bool) -> list[Ref]:
    """Give what to remove now: the last component of those that are there, or everything when order counts no more."""
    every = ending_order(children)
    if not in_order:
        return every
    last = component_of(children[every[0]].manifest) if every else ""
    return [ref for ref in every if component_of(children[ref].manifest) == last]


def ending_order(children: Mapping[Ref, Child]) -> list[Ref]:
    """Sort children into the order in which to end them: the reverse of making them, programs before their things."""

    def making_order(ref: Ref) -> tuple[int, bool, Ref]:
        return COMPONENTS.index(component_of(children[ref].manifest)), ref.kind in WORKLOADS, ref

    return sorted(children, key=making_order, reverse=True)


def _keeps_data(lot: ParkingLot, seen: Observation, ref: Ref) -> bool:
    """Whether a topic stays: because the lot says so, or because it is another lot's."""
    if ref.kind != KAFKA_TOPIC.kind:
        return False
    topic = seen.children[ref].manifest["spec"]["topicName"]
    return lot.spec.deletion_policy == "Retain" or topic in seen.taken
