"""Takes in what the watches bring: remembers it, and has the lots looked at that it concerns."""

from collections.abc import Callable, Mapping
from typing import Any

from parking_operator.cluster.audit import Heartbeat
from parking_operator.cluster.resources import canonical
from parking_operator.cluster.served import OPTIONAL_GROUPS
from parking_operator.cluster.store import LotKey, version_of
from parking_operator.cluster.world import Cluster
from parking_operator.objects import ref_of
from parking_operator.workqueue import WorkQueue

Body = Mapping[str, Any]


class Feed:
    """Where watches report. All methods belong to the event loop and return at once."""

    def __init__(
        self, cluster: Cluster, queue: WorkQueue[LotKey], heartbeat: Heartbeat, *, relisted: Callable[[], None]
    ) -> None:
        self._cluster = cluster
        self._queue = queue
        self._heartbeat = heartbeat
        self._relisted = relisted

    def lot(self, event: str | None, body: Body) -> None:
        """Look at a lot that has come or changed, or at its rivals when it is gone. ``event`` None: it was listed."""
        self._note(event, body)
        if event == "DELETED":
            self._queue.forget(self._cluster.lots.drop(body))
        elif (key := self._cluster.lots.put(body)) is not None:
            self._queue.add(key)
        else:
            return  # known already, mostly from our own writing it
        for rival in self._cluster.lots.waiting():
            self._queue.add(rival)

    def child(self, event: str | None, body: Body) -> None:
        """Look at the lot whose child, or pod, has come, changed or gone."""
        self._note(event, body)
        known = self._cluster.store
        owner = known.drop(body) if event == "DELETED" else known.put(body)
        if owner and self._cluster.lots.body(owner):
            self._queue.add(owner)

    def definition(self, body: Body) -> None:
        """Look at all lots when a kind of theirs has come or gone."""
        if body["spec"]["group"] in OPTIONAL_GROUPS:
            self._cluster.versions.forget()
            for key in self._cluster.lots.names():
                self._queue.add(key)

    def _note(self, event: str | None, body: Body) -> None:
        ref = ref_of(canonical(body))
        if event is None and self._heartbeat.knows(ref):
            self._relisted()
        if event == "DELETED":
            self._heartbeat.gone(ref)
        else:
            self._heartbeat.heard(ref, version_of(body))
