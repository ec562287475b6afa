"""Following the reports of the road, and answering for it."""

import asyncio
import json
import threading

from parking_api.road import Road
from parking_api.road_intake import Reports
from parking_api.road_traffic import SAME_ANSWER_SECONDS, RoadTraffic
from tests.parking_api.test_road import NOW, gps
from tests.support.live_gateway import ROAD


def devices(answer: bytes) -> list[str]:
    return [vehicle["device_id"] for vehicle in json.loads(answer)["vehicles"]]


def test_who_asks_at_the_same_moment_gets_the_same_answer() -> None:
    moment = [0.0]
    traffic = RoadTraffic(Road(ROAD, NOW.timestamp), lambda: moment[0])
    traffic.road.see([gps("veh-1")])
    first = traffic.answer()
    traffic.road.see([gps("veh-2")])
    assert traffic.answer() is first
    moment[0] += SAME_ANSWER_SECONDS
    assert (devices(first), devices(traffic.answer())) == (["veh-1"], ["veh-1", "veh-2"])


class Scripted:
    """Gives these reports, then fails."""

    def __init__(self, *reports: Reports) -> None:
        self._reports = list(reports)
        self.closed = threading.Event()

    def read(self) -> Reports:
        if not self._reports:
            raise RuntimeError("broken")
        return self._reports.pop(0)

    def close(self) -> None:
        self.closed.set()


async def test_it_counts_what_it_reads_and_an_error_ends_the_road_alone() -> None:
    traffic = RoadTraffic(Road(ROAD, NOW.timestamp))
    source = Scripted(Reports([gps("veh-1"), gps("veh-2")], refused=1), Reports(refused=2))
    await asyncio.wait_for(traffic.run(source), 5)
    assert traffic.records == {"seen": 2, "refused": 3}
    assert traffic.road.count == 2
    assert traffic.failed
    assert source.closed.wait(5)
