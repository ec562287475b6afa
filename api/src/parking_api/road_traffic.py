"""What happens as reports of the road arrive."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import orjson

from parking_api.road import Road
from parking_api.road_intake import Reports

SAME_ANSWER_SECONDS = 0.5
"""All dashboards that ask within this time get the same answer, encoded once."""

log = logging.getLogger(__name__)


class RoadSource(Protocol):
    """Where reports come from; it is used from a thread of its own."""

    def read(self) -> Reports:
        """Give what arrived, after waiting for a moment."""

    def close(self) -> None:
        """Let go of the connection."""


class RoadTraffic:
    """Follows the reports into the road of now."""

    def __init__(self, road: Road, timer: Callable[[], float] = time.monotonic) -> None:
        self.road = road
        self._timer = timer
        self._answer, self._until = b"", timer()
        self.records = Counter[str]()
        """Records read, by what became of them."""
        self.failed = False
        """True after an error of our own: only a restart helps."""

    def answer(self) -> bytes:
        """Give the road of now as JSON."""
        if self._timer() >= self._until:
            self._answer, self._until = orjson.dumps(self.road.told()), self._timer() + SAME_ANSWER_SECONDS
        return self._answer

    async def run(self, source: RoadSource) -> None:
        """Follow the source until cancelled, then close it. The lot goes on whatever becomes of the road."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, thread_name_prefix="road")
        try:
            while True:
                reports = await loop.run_in_executor(thread, source.read)
                self.road.see(reports.records)
                self.records["seen"] += len(reports.records)
                self.records["refused"] += reports.refused
        except Exception:
            log.exception("the road is not shown any more")
            self.failed = True
        finally:
            thread.submit(source.close)
            thread.shutdown()
