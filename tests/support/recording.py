"""A recorded hour of a lot: the same records, arrivals included, for every engine that is put to the test."""

import json
import random
import time
from collections.abc import Sequence
from typing import NamedTuple

from confluent_kafka import Producer

from parking.documents import SessionJobDocument
from parking.event import RawEvent, RefusedError, parse_event
from parking.plate import normalise_plate
from tests.support.broker import consume_all
from tests.support.oracle import Oracle, Seen

PARTITIONS = 4


class Recorded(NamedTuple):
    partition: int
    key: str
    value: bytes
    arrival: int
    """Milliseconds; the raw topic has to keep it (message.timestamp.type=CreateTime)."""


def event(plate: str, bay: str, status: str, moment: int) -> bytes:
    """One camera event; ``moment`` in unix seconds."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment))
    fields = {"timestamp": stamp, "timestamp_unix": moment, "license_plate": plate, "location": bay}
    return json.dumps({**fields, "status_code": status}).encode()


def recording(rng: random.Random, count: int, *, timeout: int, cars: int = 60) -> list[Recorded]:
    """Cars that come and go, with disorder, duplicates, missed exits, broken records, and silence of the whole lot."""
    arrival = (int(time.time()) - 7_200) * 1_000
    records: list[Recorded] = []
    while len(records) < count:
        arrival += rng.choice([0, 0, 3, 20, 60])
        if rng.random() < 0.001:
            arrival += timeout * rng.choice([900, 1_001, 3_000])
        car = rng.randrange(cars)
        status = rng.choices(["ENTERING", "PARKED", "MOVING", "EXITING"], [2, 12, 1, 1])[0]
        moment = arrival // 1_000 - rng.choice([0, 0, 0, 0, 1, 3, 30])
        value = event(f"51A-{car:03}", f"A{1 + car % 30}", status, moment)
        value = b'{"license_plate": ' if rng.random() < 0.005 else value
        records += [Recorded(car % PARTITIONS, f"51A-{car:03}", value, arrival)] * rng.choice([1, 1, 1, 1, 2])
    return records


def play(bootstrap: str, topic: str, records: Sequence[Recorded], *, per_second: float | None = None) -> None:
    """Produce records as they were recorded, at once or at a steady rate."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "enable.idempotence": True})
    begun = time.monotonic()
    for number, record in enumerate(records):
        if per_second and (wait := begun + number / per_second - time.monotonic()) > 0.01:
            producer.poll(wait)
        producer.produce(topic, record.value, record.key, record.partition, timestamp=record.arrival)
    assert producer.flush(60) == 0, "records are still waiting after 60 s"


def judge(document: SessionJobDocument, records: Sequence[Recorded]) -> dict[str, dict]:
    """Give the oracle's table once the lot has fallen silent after these records."""
    oracle = Oracle(document.lot, document.timeout_seconds, document.tariff)
    offsets = [0] * PARTITIONS
    for record in records:
        offset, offsets[record.partition] = offsets[record.partition], offsets[record.partition] + 1
        try:
            told: RawEvent = parse_event(record.value)
        except RefusedError:
            continue
        plate, exiting = normalise_plate(told.license_plate), told.status_code == "EXITING"
        place = (record.arrival, exiting, record.partition, offset)
        oracle.see([Seen(plate, told.location, told.timestamp_unix, *place)])
    oracle.tick(dict.fromkeys(range(PARTITIONS), 2**60))
    return oracle.table


def recorded_in(document: SessionJobDocument) -> list[Recorded]:
    """Read the raw topic as a recording, with the arrivals that the broker gave it."""
    records = consume_all(document.bootstrap_servers, document.topics.raw)
    in_order = sorted(records, key=lambda record: (record.partition(), record.offset()))
    return [Recorded(r.partition(), r.key().decode(), r.value(), r.timestamp()[1]) for r in in_order]
