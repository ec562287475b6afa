"""What every stand-in does: keep up with some kinds, and work on what changed, until it is stopped."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import urllib3

from tests.support.cluster.api import Api, ApiError, Manifest, events

Key = tuple[str, str]
"""Namespace and name."""

RETRY_SECONDS = 0.2
_FAILURES = (ApiError, urllib3.exceptions.HTTPError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Watched:
    """A kind in all namespaces, or those of it with some labels."""

    api_version: str
    kind: str
    labels: str = ""


class Collection:
    """A copy of all objects of a kind, kept by list and watch in a thread; outages are waited out."""

    def __init__(self, api: Api, watched: Watched, on_change: Callable[[Key], None]) -> None:
        self._api = api
        self._watched = watched
        self._on_change = on_change
        self._objects: dict[Key, Manifest] = {}
        self._stop = threading.Event()
        self._stream: urllib3.BaseHTTPResponse | None = None
        self._thread = threading.Thread(target=self._run, name=f"watch {watched.kind}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch at once."""
        self._stop.set()
        if stream := self._stream:
            stream.shutdown()
        self._thread.join(10)

    def get(self, key: Key) -> Manifest | None:
        """Give an object as it was last seen."""
        return self._objects.get(key)

    def all(self) -> dict[Key, Manifest]:
        """Give all objects as they were last seen."""
        return dict(self._objects)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                version = self._list()
                while not self._stop.is_set():
                    version = self._watch(version)
            except _FAILURES:
                self._stop.wait(RETRY_SECONDS)

    def _path(self) -> str:
        return self._api.path(self._watched.api_version, self._watched.kind)

    def _list(self) -> str:
        answer = self._api.request("GET", self._path(), query={"labelSelector": self._watched.labels})
        kind = {"apiVersion": self._watched.api_version, "kind": self._watched.kind}  # lists of pods leave them out
        listed = {_key(item): kind | item for item in answer["items"]}
        changed = self._objects.keys() | listed.keys()
        self._objects = listed
        for key in changed:
            self._on_change(key)
        version: str = answer["metadata"]["resourceVersion"]
        return version

    def _watch(self, version: str) -> str:
        """Follow changes until the server ends the watch; gives the version to go on from."""
        query = {"resourceVersion": version, "labelSelector": self._watched.labels, "timeoutSeconds": "50"}
        self._stream = self._api.stream(self._path(), {**query, "allowWatchBookmarks": "true"})
        try:
            for event in self._unless_stopped(self._stream):
                changed = event["object"]
                if event["type"] == "ERROR":
                    raise ApiError(changed.get("code", 500), str(changed).encode())
                version = changed["metadata"]["resourceVersion"]
                if event["type"] != "BOOKMARK":
                    self._take(event["type"], changed)
        finally:
            stream, self._stream = self._stream, None
            stream.close()
        return version

    def _unless_stopped(self, stream: urllib3.BaseHTTPResponse) -> Iterator[Manifest]:
        # Stopped between the look and here: nobody would shut this stream down.
        return iter(()) if self._stop.is_set() else events(stream)

    def _take(self, event: str, changed: Manifest) -> None:
        if event == "DELETED":
            self._objects.pop(_key(changed), None)
        else:
            self._objects[_key(changed)] = changed
        self._on_change(_key(changed))


class StandIn:
    """Works on one object after another, by key; what fails is done again a moment later."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._collections: list[Collection] = []
        self._due: dict[Key, float] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    def reconcile(self, key: Key) -> None:
        """Do what is to be done for the object of this key. Runs in one thread."""
        raise NotImplementedError

    def watch(self, watched: Watched, on_change: Callable[[Key], None] | None = None) -> Collection:
        """Keep a copy of a kind; by default a change of an object wakes its own key."""
        collection = Collection(self.api, watched, on_change or self.wake)
        self._collections.append(collection)
        return collection

    def wake(self, key: Key, *, seconds: float = 0) -> None:
        """Have ``reconcile`` called for a key, ``seconds`` from now."""
        with self._changed:
            due = time.monotonic() + seconds
            self._due[key] = min(due, self._due.get(key, due))
            self._changed.notify()

    def __enter__(self) -> Self:
        self._thread.start()
        for collection in self._collections:
            collection.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        for collection in self._collections:
            collection.stop()
        self._thread.join(30)

    def _run(self) -> None:
        while (key := self._next()) is not None:
            try:
                self.reconcile(key)
            except _FAILURES:
                self.wake(key, seconds=RETRY_SECONDS)

    def _next(self) -> Key | None:
        """Wait for the next key that is due; None when stopped."""
        with self._changed:
            while not self._stopped:
                key = min(self._due, key=self._due.__getitem__, default=None)
                wait = None if key is None else self._due[key] - time.monotonic()
                if key is not None and wait is not None and wait <= 0:
                    del self._due[key]
                    return key
                self._changed.wait(wait)
        return None


def _key(manifest: Manifest) -> Key:
    return manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]
