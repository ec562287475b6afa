"""The road in real time: each record is sent when it is due, until the program should end."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator

from parking.road_documents import RoadDocument
from parking_simulators.clock import Clock, wait_until
from parking_simulators.live import MAX_BEHIND
from parking_simulators.road.claims import Claims
from parking_simulators.road.due import Due, Occasion
from parking_simulators.road.simulation import Simulation
from parking_simulators.times import SECOND, Time

log = logging.getLogger(__name__)

Send = Callable[[str, str, str], None]


class LiveRoad:
    """Runs a road from now on. ``send`` takes key, value and topic; ``serve`` is called a few times a second."""

    def __init__(
        self, document: RoadDocument, claims: Claims, clock: Clock, send: Send, serve: Callable[[], None]
    ) -> None:
        self._simulation = Simulation(document)
        self._claims = claims
        self._clock = clock
        self._hand_over = send
        self._serve_sender = serve
        names = (*document.topics.names().values(), document.raw_topic)
        self.sent: Counter[str] = Counter(dict.fromkeys(names, 0))
        self.arrived = 0
        self.parked = 0
        self.skipped: Time = 0

    def census(self) -> tuple[int, int]:
        """Count the vehicles that are on the way now, and those that stand in the lot."""
        return self._simulation.schedule.census(self._clock.now())

    def run(self) -> None:
        """Report until the program should end."""
        since: Time | None = self._clock.now()
        while since is not None:
            since = self._follow(self._simulation.schedule.due(since))

    def serve(self) -> None:
        """Send the records whose pictures were stored meanwhile, and serve the sender."""
        self._claims.serve()
        self._serve_sender()

    def _follow(self, everything: Iterator[Due]) -> Time | None:
        """Send what is due when it is; gives the time from which to begin anew if that falls too far behind."""
        for due in everything:
            if not wait_until(due.at, self._clock, self.serve):
                return None
            behind = self._clock.now() - due.at
            if behind > MAX_BEHIND:
                log.warning("%d s behind: going on from now, the vehicles reported nothing meanwhile", behind // SECOND)
                self.skipped += behind
                return self._clock.now()
            self._send(due)
        return None

    def _send(self, due: Due) -> None:
        match due.occasion:
            case Occasion.PASSING:
                picture = self._simulation.picture(due)
                self._claims.check_in(picture, due.at, lambda uri: self._hand(*self._simulation.traffic(due, uri)))
            case Occasion.PARKING:
                self.parked += due.nth == 0
                self._hand(*self._simulation.sighting(due))
            case _:
                self.arrived += due.occasion is Occasion.ARRIVING
                for topic, key, value in self._simulation.reports(due):
                    self._hand(topic, key, value)

    def _hand(self, topic: str, key: str, value: str) -> None:
        self.sent[topic] += 1
        self._hand_over(key, value, topic)
