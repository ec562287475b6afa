"""Cars that come and go when the test says so, each seen twice a second while it stands there."""

import json
import threading
import time
from collections.abc import Iterable
from typing import Self

from confluent_kafka import Producer

from parking.event import TIMESTAMP_FORMAT

SEEN_EVERY_SECONDS = 0.5


def raw_event(plate: str, bay: str, status: str, at: int) -> dict[str, object]:
    """Give an event as cameras send it."""
    return {
        "timestamp": time.strftime(TIMESTAMP_FORMAT, time.gmtime(at)),
        "timestamp_unix": at,
        "license_plate": plate,
        "location": bay,
        "status_code": status,
    }


class Attendant:
    """Sends the events of a lot's cars to its raw topic."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "enable.idempotence": True})
        self._parked: dict[str, str] = {}
        self._lock = threading.Lock()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()
        self._producer.flush(5)

    def enters(self, bay: str, plate: str) -> None:
        """Let a car come, to stay until it leaves or vanishes."""
        with self._lock:
            self._send(plate, bay, "ENTERING")
            self._parked[bay] = plate

    def leaves(self, bay: str) -> None:
        """Let a bay's car leave."""
        with self._lock:
            self._send(self._parked.pop(bay), bay, "EXITING")

    def vanishes(self, bay: str) -> None:
        """Let the camera of a bay see nothing any more."""
        with self._lock:
            del self._parked[bay]

    def stayed(self, stays: Iterable[tuple[str, str, int, int]]) -> None:
        """Tell of stays that are over: plate, bay, start and end in unix seconds; every 5 s the car was seen."""
        for plate, bay, start, end in stays:
            self._send(plate, bay, "ENTERING", start)
            for at in range(start + 5, end, 5):
                self._send(plate, bay, "PARKED", at)
            self._send(plate, bay, "EXITING", end)
        self._producer.flush(30)

    def _watch(self) -> None:
        while not self._enough.wait(SEEN_EVERY_SECONDS):
            with self._lock:
                for bay, plate in self._parked.items():
                    self._send(plate, bay, "PARKED")
            self._producer.poll(0)

    def _send(self, plate: str, bay: str, status: str, at: int | None = None) -> None:
        event = raw_event(plate, bay, status, int(time.time()) if at is None else at)
        self._producer.produce("raw-data", key=plate, value=json.dumps(event))
        self._producer.poll(0)
