"""Cars that come, stay and go as events on the raw topic, and the sessions that have to come of them."""

import json
import threading
import time
from dataclasses import dataclass
from typing import Self

from confluent_kafka import Producer

from tests.support.attendant import raw_event

TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Stay:
    """A session as it has to come out: of one plate, since no plate comes twice."""

    license_plate: str
    location: str
    start_time: int
    end_time: int


class Cars:
    """A car in each bay, seen twice a second. In the bays ``coming`` another one every few seconds, in the bays
    ``staying`` the same until the end."""

    def __init__(self, bootstrap: str, *, coming: list[str], staying: list[str], stay_seconds: float = 3) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "enable.idempotence": True})
        self._leave_after = dict.fromkeys(coming, stay_seconds) | dict.fromkeys(staying, float("inf"))
        self._present: dict[str, Stay] = {}
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._drive, daemon=True)
        self.gone: list[Stay] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _drive(self) -> None:
        while not self._enough.wait(TICK_SECONDS):
            now = time.time()
            for bay, leave_after in self._leave_after.items():
                car = self._present.get(bay)
                self._see(bay, int(now), leaves=bool(car and now - car.start_time > leave_after))
            self._producer.poll(0)
        for bay in list(self._present):
            self._see(bay, int(time.time()), leaves=True)
        assert self._producer.flush(30) == 0

    def _see(self, bay: str, now: int, *, leaves: bool) -> None:
        before = self._present.pop(bay, None)
        car = before or Stay(f"{bay}-{len(self.gone):04d}", bay, now, now)
        car = Stay(car.license_plate, bay, car.start_time, now)
        self._send(car, "EXITING" if leaves else "PARKED" if before else "ENTERING")
        if leaves:
            self.gone.append(car)
        else:
            self._present[bay] = car

    def _send(self, car: Stay, status: str) -> None:
        event = raw_event(car.license_plate, car.location, status, car.end_time)
        self._producer.produce("raw-data", key=car.license_plate, value=json.dumps(event))
