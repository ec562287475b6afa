"""What the watches and our own writes have told about objects: observing a lot costs no request.

Fed from the event loop and from the threads that reconcile, read from all of them.
"""

import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from parking_operator.cluster.resources import canonical
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.render.labels import owner_of

LotKey = tuple[str, str]
"""Namespace and name of a lot."""


def version_of(body: Mapping[str, Any]) -> int:
    """Give an object's resource version, which grows with every change of it."""
    return int(body["metadata"].get("resourceVersion", 0))


class Store:
    """The newest known version of each object, found by the lot that it belongs to."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._objects: dict[Ref, Manifest] = {}
        self._by_lot: defaultdict[LotKey, set[Ref]] = defaultdict(set)

    def put(self, body: Mapping[str, Any]) -> LotKey | None:
        """Keep an object; gives the lot that it belongs to if this is news, None if it was known or is of no lot."""
        manifest = canonical(body)
        ref, owner = ref_of(manifest), owner_of(manifest)
        with self._lock:
            known = self._objects.get(ref)
            if known and version_of(known) >= version_of(manifest):
                return None
            self._forget(ref)
            self._objects[ref] = manifest
            if owner:
                self._by_lot[owner].add(ref)
        return owner

    def drop(self, body: Mapping[str, Any]) -> LotKey | None:
        """Forget an object that is gone, unless a newer one of its name has come; gives the lot it belonged to."""
        gone = canonical(body)
        ref = ref_of(gone)
        with self._lock:
            known = self._objects.get(ref)
            if known and (known["metadata"]["uid"] == gone["metadata"]["uid"] or version_of(known) < version_of(gone)):
                self._forget(ref)
        return owner_of(gone)

    def get(self, ref: Ref) -> Manifest | None:
        """Give an object."""
        with self._lock:
            return self._objects.get(ref)

    def of_lot(self, lot: LotKey) -> dict[Ref, Manifest]:
        """Give all objects of a lot."""
        with self._lock:
            return {ref: self._objects[ref] for ref in self._by_lot.get(lot, ())}

    def of_kind(self, kind: str) -> dict[Ref, Manifest]:
        """Give all objects of a kind."""
        with self._lock:
            return {ref: body for ref, body in self._objects.items() if ref.kind == kind}

    def _forget(self, ref: Ref) -> None:
        old = self._objects.pop(ref, None)
        owner = owner_of(old) if old else None
        if owner and owner in self._by_lot:
            self._by_lot[owner].discard(ref)
            if not self._by_lot[owner]:
                del self._by_lot[owner]
