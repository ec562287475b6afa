"""Compares what the watches have told with what the API server has, kind by kind, a few times an hour.

A watch that was interrupted does not tell what was deleted meanwhile, and one that is silently dead tells nothing at
all. The first is put right here; the second shows in ``behind``, so that the process can be restarted.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from parking_operator.cluster.api_server import ApiServer, Listing, NotFoundError
from parking_operator.cluster.resources import Resource, path_of
from parking_operator.cluster.served import ServedVersions
from parking_operator.cluster.store import LotKey, version_of
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.world import NotInstalledError

MANAGED = "app.kubernetes.io/managed-by=parking-operator"


class Known(Protocol):
    """A collection of objects that watches feed."""

    def put(self, body: Mapping[str, Any]) -> LotKey | None:
        """Keep an object."""

    def drop(self, body: Mapping[str, Any]) -> LotKey | None:
        """Forget an object."""

    def of_kind(self, kind: str) -> Mapping[Ref, Manifest]:
        """Give all objects of a kind."""


class Heartbeat:
    """What the watches have brought, and since when they owe what they have not. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: dict[Ref, int] = {}
        self._owed: dict[Ref, tuple[int, float]] = {}

    def heard(self, ref: Ref, version: int) -> None:
        """Note that a watch has brought an object in this version."""
        with self._lock:
            self._heard[ref] = max(version, self._heard.get(ref, 0))
            if ref in self._owed and self._owed[ref][0] <= version:
                del self._owed[ref]

    def knows(self, ref: Ref) -> bool:
        """Whether a watch has ever brought this object, which is still there."""
        with self._lock:
            return ref in self._heard

    def gone(self, ref: Ref) -> None:
        """Note that an object is gone."""
        with self._lock:
            self._heard.pop(ref, None)
            self._owed.pop(ref, None)

    def seen(self, ref: Ref, version: int) -> None:
        """Note that the API server has an object in this version, which a watch has to bring."""
        with self._lock:
            if self._heard.get(ref, 0) < version and ref not in self._owed:
                self._owed[ref] = (version, self._clock())

    def behind(self) -> dict[str, float]:
        """Give for each kind whose watch owes something for how many seconds it does."""
        now = self._clock()
        with self._lock:
            since: dict[str, float] = {}
            for ref, (_, time_) in self._owed.items():
                since[ref.kind] = max(since.get(ref.kind, 0.0), now - time_)
        return since


@dataclass(frozen=True, slots=True)
class Watch:
    """What one watch brings: a kind's objects of a namespace, or of all, and what it brings them to."""

    resource: Resource
    namespace: str | None
    selector: str
    known: Known


def prime(server: ApiServer, versions: ServedVersions, watch: Watch) -> None:
    """Learn all that there is, before a watch tells what changes; raises WorldError."""
    for body in _listing(server, versions, watch, {}, in_full=True).items:
        watch.known.put(body)


def audit(server: ApiServer, versions: ServedVersions, watch: Watch, heartbeat: Heartbeat) -> set[LotKey]:
    """Bring what a watch has told in line with what there is; gives the lots that this changes anything for.

    Raises WorldError when the API server does not answer.
    """
    every = watch.known.of_kind(watch.resource.kind.kind)
    mine = {ref: body for ref, body in every.items() if watch.namespace in {None, ref.namespace}}
    listing = _listing(server, versions, watch, mine)
    there = {ref_of(item): item for item in listing.items}
    gone = [ref for ref, body in mine.items() if ref not in there and version_of(body) <= listing.version]
    for ref in gone:
        heartbeat.gone(ref)
    for ref, item in there.items():
        heartbeat.seen(ref, version_of(item))
    newer = [ref for ref, item in there.items() if ref not in mine or version_of(mine[ref]) < version_of(item)]
    changed = [watch.known.drop(mine[ref]) for ref in gone]
    return {lot for lot in (*changed, *_fetched(server, versions, watch.known, newer)) if lot}


def _listing(
    server: ApiServer,
    versions: ServedVersions,
    watch: Watch,
    mine: Mapping[Ref, Manifest],
    *,
    in_full: bool = False,
) -> Listing:
    """Ask the API server; of a kind that it does not serve there is nothing."""
    try:
        return server.listing(
            watch.resource,
            namespace=watch.namespace,
            selector=watch.selector,
            api_version=versions.of(watch.resource.kind),
            in_full=in_full,
        )
    except NotInstalledError:
        return Listing(max(map(version_of, mine.values()), default=0), [])


def _fetched(server: ApiServer, versions: ServedVersions, known: Known, refs: Iterable[Ref]) -> Iterator[LotKey | None]:
    for ref in refs:
        try:
            yield known.put(server.read(path_of(ref, api_version=versions.of(ref.sort))))
        except NotFoundError:
            continue
