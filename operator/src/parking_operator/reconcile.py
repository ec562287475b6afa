"""One pass over a lot: observe, render, hand over, apply what differs, prune what is too much, judge, report."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from parking.lot import ParkingLot
from parking_operator.conditions import CHAINS, Input, Part, conditions_of, conflict, judge, overall
from parking_operator.handover import held_back, outgoing
from parking_operator.objects import Manifest, Ref, covers, ref_of
from parking_operator.render import render
from parking_operator.render.checkpoint import CLAIM
from parking_operator.render.labels import COMPONENTS, component_of
from parking_operator.render.topics import KAFKA_TOPIC
from parking_operator.site import Site
from parking_operator.status import Clock, ConditionType, LotStatus, Verdict, status_of, utc_now
from parking_operator.teardown import ending_order
from parking_operator.world import Child, Observation, World, WorldError

LOG = logging.getLogger(__name__)

_GIVEN_ONCE = {CLAIM.kind}
"""Kinds whose spec counts when they are made: Kubernetes lets nobody change it later."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass did: objects applied and removed, what failed and why, and the status it came to."""

    status: LotStatus
    applied: tuple[Ref, ...] = ()
    removed: tuple[Ref, ...] = ()
    failures: Mapping[Ref, WorldError] = field(default_factory=dict)


def reconcile(lot: ParkingLot, site: Site, world: World, *, clock: Clock = utc_now) -> Outcome:
    """Bring a lot's children in line with it; a pass over a lot that is in line writes nothing.

    A child that fails does not stop the others: it is told in the status. Raises WorldError when the world cannot
    be observed or the status cannot be reported.
    """
    seen = world.observe(lot)
    outcome = _standing_back(lot, site, seen, clock()) if seen.taken else _pass(lot, site, world, seen, clock)
    if outcome.status != seen.status:
        world.report(lot, outcome.status)
    return outcome


def _standing_back(lot: ParkingLot, site: Site, seen: Observation, now: datetime) -> Outcome:
    """Leave everything as it is: the lot's topics are another one's."""
    verdicts = dict.fromkeys(conditions_of(lot), conflict(seen.taken))
    topics = seen.status.topics if seen.status else ()  # what is there now may be the other's
    return Outcome(_status(lot, site, verdicts, topics, seen.status, now))


def _pass(lot: ParkingLot, site: Site, world: World, seen: Observation, clock: Clock) -> Outcome:
    wanted = {ref_of(manifest): _as_made(manifest, seen) for manifest in render(lot, site)}
    failures: dict[Ref, WorldError] = {}
    removed = _attempt(outgoing(wanted, seen.children), world.remove, failures)
    tried = {*removed, *failures}
    seen = world.observe(lot) if removed else seen
    waiting = held_back(wanted, seen.children)
    differing = (ref for ref in _differing(wanted, seen) if ref not in waiting)
    applied = _attempt(differing, lambda ref: world.apply(wanted[ref]), failures)
    obsolete = (ref for ref in _obsolete(lot, wanted, seen) if ref not in tried)
    kept = {ref for ref, child in seen.children.items() if _topic_of(ref, child) in seen.passed_on}
    removed += _attempt(obsolete, lambda ref: world.remove(ref, keep_data=ref in kept), failures)
    seen = world.observe(lot) if applied or removed else seen
    verdicts = _judged(lot, _parts(wanted, seen.children, failures, waiting))
    topics = filter(None, (_topic_of(ref, child) for ref, child in seen.children.items()))
    return Outcome(_status(lot, site, verdicts, topics, seen.status, clock()), applied, removed, failures)


def _as_made(manifest: Manifest, seen: Observation) -> Manifest:
    """Leave the spec of a child that is given once as it is, whatever the site would give a new one."""
    child = seen.children.get(ref_of(manifest))
    return {**manifest, "spec": child.manifest["spec"]} if child and manifest["kind"] in _GIVEN_ONCE else manifest


def _topic_of(ref: Ref, child: Child) -> str | None:
    topic: str | None = child.manifest["spec"]["topicName"] if ref.kind == KAFKA_TOPIC.kind else None
    return topic


def _differing(wanted: Mapping[Ref, Manifest], seen: Observation) -> Iterator[Ref]:
    for ref, manifest in wanted.items():
        child = seen.children.get(ref)
        if child is None or not covers(child.manifest, manifest):
            yield ref


def _obsolete(lot: ParkingLot, wanted: Mapping[Ref, Manifest], seen: Observation) -> list[Ref]:
    """Children no longer rendered, in the order to end them; topics stay unless the lot says otherwise."""
    keep_topics = lot.spec.deletion_policy == "Retain"
    too_much = {ref: child for ref, child in seen.children.items() if ref not in wanted}
    return [ref for ref in ending_order(too_much) if not (keep_topics and ref.kind == KAFKA_TOPIC.kind)]


def _attempt(refs: Iterable[Ref], act: Callable[[Ref], None], failures: dict[Ref, WorldError]) -> tuple[Ref, ...]:
    """Act on each object; gives those that went well and notes why others did not."""
    done = []
    for ref in refs:
        try:
            act(ref)
            done.append(ref)
        except WorldError as error:
            LOG.warning("%s: %s", ref, error)
            failures[ref] = error
    return tuple(done)


def _parts(
    wanted: Mapping[Ref, Manifest],
    children: Mapping[Ref, Child],
    failures: Mapping[Ref, WorldError],
    waiting: Mapping[Ref, Ref],
) -> dict[str, list[Part]]:
    """Group what should be, and what failed to go, by component."""
    lingering = {ref: child.manifest for ref, child in children.items() if ref not in wanted and ref in failures}
    groups: dict[str, list[Part]] = {component: [] for component in COMPONENTS}
    for ref, manifest in {**wanted, **lingering}.items():
        groups[component_of(manifest)].append(Part(ref, children.get(ref), failures.get(ref), waiting.get(ref)))
    return groups


def _judged(lot: ParkingLot, parts: Mapping[str, Sequence[Part]]) -> dict[ConditionType, Verdict]:
    verdicts = {}
    for kind in conditions_of(lot):
        components, checks = CHAINS[kind]
        verdicts[kind] = judge(checks, Input(lot, [part for one in components for part in parts[one]]))
    return verdicts


def _status(  # noqa: PLR0917 - all that a status is made of
    lot: ParkingLot,
    site: Site,
    verdicts: Mapping[ConditionType, Verdict],
    topics: Iterable[str],
    previous: LotStatus | None,
    now: datetime,
) -> LotStatus:
    told = {**verdicts, ConditionType.READY: overall(verdicts)}
    url = site.gateway_url_of(lot)
    return status_of(lot, told, gateway_url=url, topics=topics, previous=previous, now=now)
