"""The queue of lots: many reasons, one look; one look at a time; growing pauses for what is not finished."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from parking_operator.workqueue import LONGEST_PAUSE, WorkQueue, pause_after


@asynccontextmanager
async def running(work: Callable[[str], bool], *, resync: float = 3600, **options) -> AsyncIterator[WorkQueue[str]]:
    queue: WorkQueue[str] = WorkQueue(work, workers=3, resync=resync, **options)
    task = asyncio.create_task(queue.run())
    try:
        yield queue
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not fact():
            await asyncio.sleep(0.005)


async def test_many_reasons_become_one_look() -> None:
    seen: Counter[str] = Counter()
    async with running(lambda key: bool(seen.update([key])) or True) as queue:
        for _ in range(100):
            queue.add("a")
            queue.add("b")
        await until(lambda: len(seen) == 2 and len(queue) == 0)
    assert seen == {"a": 1, "b": 1}


async def test_a_key_is_never_worked_on_twice_at_a_time_and_news_meanwhile_are_not_lost() -> None:
    go, calls, together, most = threading.Event(), 0, 0, 0

    def work(_key: str) -> bool:
        nonlocal calls, together, most
        calls, together = calls + 1, together + 1
        most = max(most, together)
        go.wait(10)
        together -= 1
        return True

    async with running(work) as queue:
        queue.add("a", after=0)
        await until(lambda: calls == 1)
        queue.add("a", after=0)
        queue.add("a", after=0)
        go.set()
        await until(lambda: calls == 2 and len(queue) == 0)
    assert most == 1


async def test_its_length_counts_what_waits_and_what_is_at_work_once() -> None:
    go = threading.Event()
    async with running(lambda _key: go.wait(10)) as queue:
        for key in "abcde":  # of which three find a worker
            queue.add(key, after=0)
        await until(lambda: len(queue) == 5)
        go.set()
        await until(lambda: len(queue) == 0)


async def test_an_error_is_told_and_comes_again() -> None:
    errors: list[Exception | None] = []

    def work(_key: str) -> bool:
        if not errors:
            raise ValueError("no")
        return True

    async with running(work, done=lambda _seconds, error: errors.append(error)) as queue:
        queue.add("a", after=0)
        await until(lambda: len(errors) == 2)
    assert [type(error) for error in errors] == [ValueError, type(None)]


async def test_what_is_finished_is_looked_at_again_after_the_resync() -> None:
    seen: list[str] = []
    async with running(lambda key: seen.append(key) is None, resync=0.02) as queue:
        queue.add("a", after=0)
        await until(lambda: len(seen) >= 3)


async def test_what_is_forgotten_does_not_come_again() -> None:
    seen: list[str] = []
    async with running(lambda key: seen.append(key) is None, resync=0.01) as queue:
        queue.add("a", after=0)
        await until(lambda: len(seen) >= 1)
        queue.forget("a")
        await until(lambda: len(queue) == 0)
        queue.forget("a")
        count = len(seen)
        queue.add("b", after=0.1)
        await until(lambda: "b" in seen)
    assert seen.count("a") == count


@pytest.mark.parametrize(("unfinished", "least", "most"), [(1, 0.8, 1.2), (3, 3.2, 4.8), (500, 48, 72)])
def test_pauses_grow_up_to_a_minute(unfinished: int, least: float, most: float) -> None:
    assert least <= pause_after(unfinished) <= most <= LONGEST_PAUSE * 1.2
