"""From two topics of the road to reports of vehicles and incidents, beginning a little before now.

What was reported earlier is of no interest, so nothing is rebuilt and nothing waited for: a gateway is ready without
the road, and a road whose topics are not there yet is an empty one.
"""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from parking.brokers import client_settings
from parking.documents import GatewayRoad
from parking.road import RoadRefusedError, RoadTopic, parse_record
from parking_api.road import INCIDENT_SECONDS, Report, patience_of

BATCH = 2_000
WAIT_SECONDS = 0.5
ANSWER_SECONDS = 5.0
LOOK_EVERY_SECONDS = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reports:
    """What one read brought, and how many records were none."""

    records: list[Report[Any]] = field(default_factory=list)
    refused: int = 0


class RoadIntake:
    """Reads positions and incidents. To be used from one thread; ``read`` blocks for a moment, ``close`` ends it."""

    def __init__(self, bootstrap_servers: str, road: GatewayRoad) -> None:
        self._topics = {road.gps_topic: RoadTopic.GPS, road.emergency_topic: RoadTopic.EMERGENCY}
        self._back = {road.gps_topic: patience_of(road), road.emergency_topic: INCIDENT_SECONDS}
        """How far back records are of interest, seconds."""
        self._known: set[tuple[str, int]] = set()
        self._look_at = 0.0
        self._consumer = Consumer(
            {
                **client_settings(bootstrap_servers),
                "group.id": "gateway-of-the-road",  # the client insists on one; it is never joined
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "latest",
            },
            logger=logging.getLogger("parking_api.librdkafka"),
        )

    def read(self) -> Reports:
        """Give what arrived, after waiting for a moment; what goes wrong is tried again later."""
        try:
            if time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
                self._meet_partitions()
            messages = self._consumer.consume(BATCH, WAIT_SECONDS)
        except KafkaException as error:
            log.warning("the road is not read: %s", error.args[0].str())
            time.sleep(WAIT_SECONDS)
            return Reports()
        return self._decoded([message for message in messages if message.error() is None])

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _meet_partitions(self) -> None:
        """Begin with partitions that are new, where the records are that still count."""
        found = self._consumer.list_topics(timeout=ANSWER_SECONDS).topics
        there = {(name, p) for name in self._topics if name in found for p in found[name].partitions}
        new = sorted(there - self._known)
        if not new:
            return
        now = time.time()
        asked = [TopicPartition(name, partition, int((now - self._back[name]) * 1_000)) for name, partition in new]
        self._consumer.incremental_assign(self._consumer.offsets_for_times(asked, timeout=ANSWER_SECONDS))
        self._known |= set(new)

    def _decoded(self, messages: list[Message]) -> Reports:
        reports: list[Report[Any]] = []
        refused = 0
        for message in messages:
            kind, arrival = self._topics[str(message.topic())], message.timestamp()[1] / 1_000
            try:
                reports.append(Report(parse_record(kind, message.value(), arrival), arrival))
            except RoadRefusedError:  # the lake's job keeps it, with its reason
                refused += 1
        return Reports(reports, refused)
