"""Workloads of a component that change their kind hand over: first the old ones go, then the new ones come.

Two kinds of session job are two engines; the new one goes on where the old one ended, so the old one has to have ended.
A change within a kind needs none of this: the kind's own controller replaces old pods by new ones.
"""

from collections.abc import Mapping

from parking_operator.objects import Manifest, Ref
from parking_operator.render.containers import DEPLOYMENT
from parking_operator.render.labels import component_of
from parking_operator.render.spark_application import SCHEDULED_SPARK_APPLICATION, SPARK_APPLICATION
from parking_operator.world import Child

WORKLOADS = {DEPLOYMENT.kind, SPARK_APPLICATION.kind, SCHEDULED_SPARK_APPLICATION.kind}
"""Kinds that run programs."""


def outgoing(wanted: Mapping[Ref, Manifest], children: Mapping[Ref, Child]) -> list[Ref]:
    """Workloads that are there and give way to wanted ones of another kind."""
    kinds: dict[str, set[str]] = {}
    for ref, manifest in wanted.items():
        if ref.kind in WORKLOADS:
            kinds.setdefault(component_of(manifest), set()).add(ref.kind)
    old = (ref for ref in children if ref.kind in WORKLOADS and ref not in wanted)
    return sorted(ref for ref in old if ref.kind not in kinds.get(component_of(children[ref].manifest), {ref.kind}))


def held_back(wanted: Mapping[Ref, Manifest], children: Mapping[Ref, Child]) -> dict[Ref, Ref]:
    """Wanted workloads that may not come yet, each with one that has to go first."""
    first = {component_of(children[old].manifest): old for old in reversed(outgoing(wanted, children))}
    new = {ref: component_of(manifest) for ref, manifest in wanted.items() if ref.kind in WORKLOADS}
    return {ref: first[component] for ref, component in new.items() if component in first}
