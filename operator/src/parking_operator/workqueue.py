"""Keys to be worked on: each once at a time, soon after it was added, and again when the work asks for it.

Many reasons to look at a key become one look. Work that fails or is not finished comes again with growing pauses.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

LOG = logging.getLogger(__name__)

Key = TypeVar("Key", bound=Hashable)

GATHERING = 0.05
"""Seconds for which further reasons to look at a key are awaited."""
LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class _Item:
    """A key: when it is due, whether it is (or waits for a worker), and how often in a row it was not finished."""

    due: asyncio.TimerHandle | None = None
    at_work: bool = False
    again_after: float | None = None
    unfinished: int = 0
    forgotten: bool = False


def pause_after(unfinished: int) -> float:
    """Seconds until the next attempt after so many that were not finished: 1, 2, 4, … at most a minute, jittered."""
    return min(2.0 ** min(unfinished - 1, 10), LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


class WorkQueue(Generic[Key]):
    """Calls ``work(key)`` in threads; it tells whether the key is finished, which is then looked at after ``resync``.

    ``done`` is told about each call: its seconds, and the error if it raised one. All methods belong to the event loop.
    """

    def __init__(
        self,
        work: Callable[[Key], bool],
        *,
        workers: int,
        resync: float,
        done: Callable[[float, Exception | None], None] = lambda _seconds, _error: None,
    ) -> None:
        self._work = work
        self._workers = workers
        self._resync = resync
        self._done = done
        self._items: dict[Key, _Item] = {}
        self._ready: asyncio.Queue[Key] = asyncio.Queue()

    def add(self, key: Key, *, after: float = GATHERING) -> None:
        """Have a key looked at within ``after`` seconds."""
        item = self._items.setdefault(key, _Item())
        item.forgotten = False
        if item.at_work:
            item.again_after = after if item.again_after is None else min(after, item.again_after)
            return
        loop = asyncio.get_running_loop()
        if item.due is None or item.due.when() > loop.time() + after:
            if item.due:
                item.due.cancel()
            item.due = loop.call_later(after, self._is_due, key)

    def forget(self, key: Key) -> None:
        """Have a key not looked at any more, until it is added again."""
        item = self._items.get(key)
        if item and item.at_work:
            item.forgotten = True
        elif item:
            if item.due:
                item.due.cancel()
            del self._items[key]

    def __len__(self) -> int:
        """Count the keys that wait for a worker or are at work."""
        return sum(item.at_work for item in self._items.values())

    async def run(self) -> None:
        """Work until cancelled; what is at work then is waited for."""
        with ThreadPoolExecutor(self._workers, thread_name_prefix="reconcile") as threads:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._workers):
                    group.create_task(self._worker(threads))

    def _is_due(self, key: Key) -> None:
        self._items[key].due = None
        self._items[key].at_work = True
        self._ready.put_nowait(key)

    async def _worker(self, threads: ThreadPoolExecutor) -> None:
        while True:
            key = await self._ready.get()
            began = time.perf_counter()
            error: Exception | None = None
            finished = False
            try:
                finished = await asyncio.get_running_loop().run_in_executor(threads, self._work, key)
            except Exception as raised:  # noqa: BLE001 - one lot's trouble must not end the others' care
                error = raised
            self._done(time.perf_counter() - began, error)
            self._plan(key, finished=finished)

    def _plan(self, key: Key, *, finished: bool) -> None:
        item = self._items[key]
        item.at_work = False
        if item.forgotten:
            del self._items[key]
            return
        item.unfinished = 0 if finished else item.unfinished + 1
        usual = self._resync * random.uniform(0.9, 1.1) if finished else pause_after(item.unfinished)  # noqa: S311
        asked, item.again_after = item.again_after, None
        self.add(key, after=usual if asked is None else min(asked, usual))
