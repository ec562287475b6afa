"""One pass over a lot: observe, render, hand over, apply what differs, prune what is too much, judge, report."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from parking.lot import ParkingLot
from parking_operator.conditions import CHAINS, Input, Part, judge, overall
from parking_operator.handover import held_back, outgoing
from parking_operator.objects import Manifest, Ref, covers, ref_of
from parking_operator.render import render
from parking_operator.render.containers import CONFIG_MAP
from parking_operator.render.labels import CAMERA, COMPONENTS, component_of, selector
from parking_operator.render.topics import KAFKA_TOPIC
from parking_operator.site import Site
from parking_operator.status import CamerasStatus, ConditionType, GatewayStatus, LotStatus, condition_of
from parking_operator.world import Child, Observation, World, WorldError

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass did: objects applied and removed, what failed and why, and the status it came to."""

    applied: tuple[Ref, ...]
    removed: tuple[Ref, ...]
    failures: Mapping[Ref, str]
    status: LotStatus


def reconcile(
    lot: ParkingLot, site: Site, world: World, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Outcome:
    """Bring a lot's children in line with it; a pass over a lot that is in line writes nothing.

    A child that fails does not stop the others: it is told in the status. Raises WorldError when the world cannot
    be observed or the status cannot be reported.
    """
    seen = world.observe(lot)
    wanted = {ref_of(manifest): manifest for manifest in render(lot, site)}
    failures: dict[Ref, str] = {}
    removed = _attempt(outgoing(wanted, seen.children), world.remove, failures)
    tried = {*removed, *failures}
    seen = world.observe(lot) if removed else seen
    waiting = held_back(wanted, seen.children)
    differing = (ref for ref in _differing(wanted, seen) if ref not in waiting)
    applied = _attempt(differing, lambda ref: world.apply(wanted[ref]), failures)
    obsolete = (ref for ref in _obsolete(lot, wanted, seen) if ref not in tried)
    removed += _attempt(obsolete, world.remove, failures)
    now_seen = world.observe(lot) if applied or removed else seen
    status = _judged(lot, site, _parts(wanted, now_seen.children, failures, waiting), seen.status, clock())
    if status != seen.status:
        world.report(lot, status)
    return Outcome(applied, removed, failures, status)


def _differing(wanted: Mapping[Ref, Manifest], seen: Observation) -> Iterator[Ref]:
    for ref, manifest in wanted.items():
        child = seen.children.get(ref)
        if child is None or not covers(child.manifest, manifest):
            yield ref


def _obsolete(lot: ParkingLot, wanted: Mapping[Ref, Manifest], seen: Observation) -> list[Ref]:
    """Children no longer rendered, in the order to end them; topics stay unless the lot says otherwise."""
    keep_topics = lot.spec.deletion_policy == "Retain"

    def making_order(ref: Ref) -> tuple[int, bool, Ref]:
        return COMPONENTS.index(component_of(seen.children[ref].manifest)), ref.kind != CONFIG_MAP.kind, ref

    too_much = (ref for ref in seen.children if ref not in wanted)
    return sorted(
        (ref for ref in too_much if not (keep_topics and ref.kind == KAFKA_TOPIC.kind)), key=making_order, reverse=True
    )


def _attempt(refs: Iterable[Ref], act: Callable[[Ref], None], failures: dict[Ref, str]) -> tuple[Ref, ...]:
    """Act on each object; gives those that went well and notes why others did not."""
    done = []
    for ref in refs:
        try:
            act(ref)
            done.append(ref)
        except WorldError as error:
            LOG.warning("%s: %s", ref, error)
            failures[ref] = str(error)
    return tuple(done)


def _parts(
    wanted: Mapping[Ref, Manifest],
    children: Mapping[Ref, Child],
    failures: Mapping[Ref, str],
    waiting: Mapping[Ref, Ref],
) -> dict[str, list[Part]]:
    """Group what should be, and what failed to go, by component."""
    lingering = {ref: child.manifest for ref, child in children.items() if ref not in wanted and ref in failures}
    groups: dict[str, list[Part]] = {component: [] for component in COMPONENTS}
    for ref, manifest in {**wanted, **lingering}.items():
        groups[component_of(manifest)].append(Part(ref, children.get(ref), failures.get(ref), waiting.get(ref)))
    return groups


def _judged(
    lot: ParkingLot, site: Site, parts: Mapping[str, Sequence[Part]], previous: LotStatus | None, now: datetime
) -> LotStatus:
    verdicts = {kind: judge(checks, Input(lot, parts[component])) for kind, (component, checks) in CHAINS.items()}
    verdicts[ConditionType.READY] = overall(verdicts)
    before = previous.conditions if previous else ()
    generation = lot.metadata.generation
    picked = ",".join(f"{name}={value}" for name, value in selector(lot, CAMERA).items())
    return LotStatus(
        observed_generation=generation,
        conditions=tuple(
            condition_of(kind, verdict, previous=before, generation=generation, now=now)
            for kind, verdict in verdicts.items()
        ),
        cameras=CamerasStatus(replicas=lot.spec.cameras.count, selector=picked),
        gateway=GatewayStatus(url=site.gateway_url_of(lot)),
    )
