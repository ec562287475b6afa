"""What kopf is told to watch, and how. Nothing is decided here.

kopf keeps no state on the objects: it is asked for events only, and the lot's finalizer is our own.
"""

from collections.abc import Sequence
from typing import Any

import kopf

from parking_operator.cluster.audit import MANAGED
from parking_operator.cluster.resources import CHILDREN, LOT, POD, Resource
from parking_operator.feed import Feed

_PREFIX = "parking.dev"


def registry_for(feed: Feed, children: Sequence[Resource], *, lots: bool) -> kopf.OperatorRegistry:
    """Give kopf's registry with the handlers that report to ``feed``: on kinds of children, and on lots if wanted.

    What exists already is listed before, at once: kopf's own index wakes every waiting object for each one listed.
    """
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    def login(**kwargs: Any) -> kopf.ConnectionInfo | None:
        return kopf.login_with_service_account(**kwargs) or kopf.login_with_kubeconfig(**kwargs)

    @kopf.on.startup(registry=registry)
    async def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
        _configure(settings)

    for resource in children:

        @kopf.on.event(resource.group, resource.plural, registry=registry, id=f"child-{resource.plural}")
        async def child(event: kopf.RawEvent, **_: Any) -> None:
            feed.child(event["type"], event["object"])

    if lots:
        _watch_lots(registry, feed)
    return registry


def _watch_lots(registry: kopf.OperatorRegistry, feed: Feed) -> None:
    @kopf.on.event(LOT.group, LOT.plural, registry=registry)
    async def lot(event: kopf.RawEvent, **_: Any) -> None:
        feed.lot(event["type"], event["object"])

    @kopf.on.event("apiextensions.k8s.io", "customresourcedefinitions", registry=registry)
    async def definition(event: kopf.RawEvent, **_: Any) -> None:
        feed.definition(event["object"])


def _configure(settings: kopf.OperatorSettings) -> None:
    for resource in (POD, *CHILDREN):
        settings.watching.label_selectors[resource.group, resource.plural] = MANAGED
    # A connection may die without a sign: each is made anew after five minutes, or 70 seconds without any news.
    settings.watching.server_timeout = 300
    settings.watching.inactivity_timeout = 70
    settings.watching.connect_timeout = 10
    settings.networking.request_timeout = 60
    settings.networking.connect_timeout = 10
    settings.posting.enabled = False  # Events are posted with the status that they tell of
    settings.persistence.finalizer = f"{_PREFIX}/kopf"
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=_PREFIX)
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix=_PREFIX)
