"""The operator as a whole: watches, a queue of lots, an audit of both, and an answer to probes."""

import asyncio
import itertools
import logging
import random
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial

import kopf

from parking.probe import Probe
from parking_operator.cluster.api_server import ApiServer
from parking_operator.cluster.audit import MANAGED, Heartbeat, Watch, audit, prime
from parking_operator.cluster.lots import Lots
from parking_operator.cluster.resources import CHILDREN, KAFKA_TOPICS, LOT, POD
from parking_operator.cluster.store import LotKey
from parking_operator.cluster.world import Cluster
from parking_operator.controller import Controller
from parking_operator.feed import Feed
from parking_operator.handlers import registry_for
from parking_operator.metrics import Metrics
from parking_operator.settings import Settings
from parking_operator.workqueue import WorkQueue, pause_after
from parking_operator.world import WorldError

LOG = logging.getLogger(__name__)

_FIRST_AUDIT = 20.0
LONGEST_BEHIND = 180.0
"""Seconds for which a watch may owe a change before the process counts as dead; kopf renews a watch after 70."""


class Operator:
    """All parts of the operator, put together."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.metrics = Metrics()
        server = ApiServer.from_surroundings(connections=settings.workers + 2, count=self.metrics.count_request)
        self.cluster = Cluster(settings.site, server, Lots(settings.site))
        self.queue: WorkQueue[LotKey] = WorkQueue(
            Controller(self.cluster, patience=settings.patience).work,
            workers=settings.workers,
            resync=settings.resync_seconds,
            done=self._done,
        )
        self._heartbeat = Heartbeat()
        self._audit_now = asyncio.Event()
        self._ready = asyncio.Event()
        self.feed = Feed(self.cluster, self.queue, self._heartbeat, relisted=self._audit_now.set)
        self.metrics.show(
            lots=self.cluster.lots.readiness, queue_length=self.queue.__len__, behind=self._heartbeat.behind
        )

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT; raises what ends it otherwise."""
        probe = Probe(
            self._settings.probe_port,
            state=lambda: {"ready": self._ready.is_set(), "behind": self._heartbeat.behind()},
            metrics=self.metrics.text,
            alive=self.is_alive,
        )
        with closing(probe):
            await self._prime()
            tasks = [asyncio.create_task(work) for work in (*self._watches(), self.queue.run(), self._audit())]
            done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
            for task in done:
                task.result()

    async def _prime(self) -> None:
        """Learn what there is, and plan a look at every lot; an API server that is away is waited for."""
        for attempt in itertools.count(1):
            try:
                for watch in self._watched():
                    await asyncio.to_thread(prime, self.cluster.server, self.cluster.versions, watch)
            except WorldError as error:
                LOG.warning("not started yet: %s", error)
                await asyncio.sleep(pause_after(min(attempt, 4)))
            else:
                break
        for key in self.cluster.lots.names():
            self.queue.add(key)

    def is_alive(self) -> bool:
        """Whether every watch brings what there is."""
        return max(self._heartbeat.behind().values(), default=0.0) < LONGEST_BEHIND

    def _watches(self) -> Iterator[Coroutine[None, None, None]]:
        everywhere, topics = self._settings.namespaces, self._settings.topic_namespaces
        yield _watch(registry_for(self.feed, (POD, *CHILDREN), lots=True), everywhere, self._ready)
        if everywhere and topics:
            yield _watch(registry_for(self.feed, (KAFKA_TOPICS,), lots=False), topics, asyncio.Event())

    async def _audit(self) -> None:
        await self._ready.wait()
        pause = _FIRST_AUDIT  # what was deleted after it was listed first and before it was watched
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause, self._settings.audit_seconds) * random.uniform(0.8, 1.2)):  # noqa: S311
                    await self._audit_now.wait()
            self._audit_now.clear()
            pause = self._settings.audit_seconds
            for watch in self._watched():
                await self._audit_one(watch)

    def _watched(self) -> Iterator[Watch]:
        """Name what is watched, the same as in ``_watches``."""
        settings, store = self._settings, self.cluster.store
        for namespace in settings.namespaces or (None,):
            yield Watch(LOT, namespace, "", self.cluster.lots)
            for resource in (POD, *CHILDREN):
                yield Watch(resource, namespace, MANAGED, store)
        for namespace in settings.topic_namespaces if settings.namespaces else ():
            yield Watch(KAFKA_TOPICS, namespace, MANAGED, store)

    async def _audit_one(self, watch: Watch) -> None:
        compare = partial(audit, self.cluster.server, self.cluster.versions, watch, self._heartbeat)
        try:
            changed = await asyncio.to_thread(compare)
        except WorldError as error:
            LOG.warning("audit of %s: %s", watch.resource.plural, error)
            return
        for key in changed:
            LOG.info("%s/%s: an audit of %s was before the watch", *key, watch.resource.plural)
            self.queue.add(key)

    def _done(self, seconds: float, error: Exception | None) -> None:
        self.metrics.count_pass(seconds, error)
        if isinstance(error, WorldError):
            LOG.warning("%s", error)
        elif error:
            LOG.error("a pass failed", exc_info=error)


async def _watch(registry: kopf.OperatorRegistry, namespaces: Sequence[str], ready: asyncio.Event) -> None:
    """Watch until SIGTERM; no namespaces means all."""
    await kopf.operator(
        registry=registry, standalone=True, clusterwide=not namespaces, namespaces=namespaces, ready_flag=ready
    )
