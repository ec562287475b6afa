"""What happens as reports of the road arrive."""

import asyncio
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from parking_api.road import Road
from parking_api.road_intake import Reports

log = logging.getLogger(__name__)


class RoadSource(Protocol):
    """Where reports come from; it is used from a thread of its own."""

    def read(self) -> Reports:
        """Give what arrived, after waiting for a moment."""

    def close(self) -> None:
        """Let go of the connection."""


class RoadTraffic:
    """Follows the reports into the road of now."""

    def __init__(self, road: Road) -> None:
        self.road = road
        self.records = Counter[str]()
        """Records read, by what became of them."""

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
        finally:
            thread.submit(source.close)
            thread.shutdown()
