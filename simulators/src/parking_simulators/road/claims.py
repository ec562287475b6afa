"""The claim check: small pictures travel in the record, larger ones are stored first and the record says where."""

import logging
import time
from base64 import b64encode
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from parking.road_spec import Snapshots
from parking_simulators.road.store import NotStoredError, SnapshotStore
from parking_simulators.times import Time

log = logging.getLogger(__name__)

_THREADS = 8
_MOST_WAITING = 512
"""Pictures that wait for the store; when it is slower than the road, further ones are lost."""
_LOG_EVERY = 5.0

Then = Callable[[str], None]


class Claims:
    """Finds a place for pictures; a slow store keeps nobody waiting. Used by one thread.

    A picture that the store does not take, tried again by the library, is lost with its record: counted, and logged
    with the reason.
    """

    def __init__(self, settings: Snapshots, store: SnapshotStore | None) -> None:
        self._settings = settings
        self._store = store
        self._threads = ThreadPoolExecutor(_THREADS, "snapshots")
        self._waiting: deque[tuple[Future[str], Then]] = deque()
        self._unlogged: Counter[str] = Counter()
        self._logged_at = 0.0
        self.lost = 0

    @property
    def waiting(self) -> int:
        """Number of pictures that are being stored."""
        return len(self._waiting)

    def inline(self, picture: bytes) -> str | None:
        """Give the data: URI of a picture that travels in its record."""
        if self._store is not None and len(picture) > self._settings.max_inline_bytes:
            return None
        return f"data:image/{self._settings.image_format};base64,{b64encode(picture).decode()}"

    def place(self, picture: bytes, at: Time) -> str:
        """Find a place at once and give the URI; raises NotStoredError."""
        uri = self.inline(picture)
        if uri is not None:
            return uri
        assert self._store is not None
        return self._store.put(picture, at)

    def check_in(self, picture: bytes, at: Time, then: Then) -> None:
        """Find a place and call ``then`` with its URI: now, or in a later ``serve`` when the picture is stored."""
        if (uri := self.inline(picture)) is not None:
            then(uri)
        elif len(self._waiting) >= _MOST_WAITING:
            self._lose("the store is slower than the road")
        else:
            self._waiting.append((self._threads.submit(self.place, picture, at), then))

    def serve(self) -> None:
        """Hand on what was stored; to be called a few times a second."""
        for _ in range(len(self._waiting)):
            future, then = self._waiting.popleft()
            if future.done():
                self._hand_on(future, then)
            else:
                self._waiting.append((future, then))
        if time.monotonic() - self._logged_at > _LOG_EVERY:
            self._log_losses()

    def close(self, timeout: float) -> None:
        """Wait for what is being stored; what is not in time is lost."""
        wait([future for future, _ in self._waiting], timeout)
        self.serve()
        for future, _ in self._waiting:
            future.cancel()
            self._lose("the program ended first")
        self._waiting.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._log_losses()

    def _hand_on(self, future: "Future[str]", then: Then) -> None:
        try:
            uri = future.result()
        except NotStoredError as error:
            self._lose(str(error))
        else:
            then(uri)

    def _lose(self, reason: str) -> None:
        self.lost += 1
        self._unlogged[reason] += 1

    def _log_losses(self) -> None:
        for reason, lost in self._unlogged.items():
            log.error("%d snapshots lost: %s", lost, reason)
        self._unlogged.clear()
        self._logged_at = time.monotonic()
