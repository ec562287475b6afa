"""From the processed topic to batches of session updates: one consumer that reads all of it, from its beginning.

Each gateway needs the whole table, so there is no consumer group: partitions are assigned by hand, added ones are
noticed, and nothing is committed. Whatever happens to the broker becomes a status with a reason, never an error.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from pydantic import ValidationError

from parking.brokers import client_settings
from parking.session import Session
from parking_api.catchup import CatchUp

BATCH = 500
WAIT_SECONDS = 0.2
GATHER_SECONDS = 0.05
"""Least time between two batches: the first update after a pause goes out at once, a stream of them goes out in
batches, which bounds both the added latency and how often every client is written to."""
ANSWER_SECONDS = 1.0
CHECK_SECONDS = 1.0
CHECK_WHEN_WELL_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """How reading goes. ``reason`` says why it is not ``ready``; ``lag`` counts records not read yet."""

    ready: bool = False
    reason: str = "starting"
    lag: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one read brought. ``rebuilt``: with it, the table holds all that the topic held at the start."""

    sessions: list[Session] = field(default_factory=list)
    invalid: int = 0
    rebuilt: bool = False
    status: Status = Status()


class Intake:
    """Reads a topic. To be used from one thread; ``read`` blocks for a moment, ``close`` ends it."""

    def __init__(self, bootstrap_servers: str, topic: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._servers = bootstrap_servers
        self._topic = topic
        self._clock = clock
        self._catch_up = CatchUp()
        self._positions: dict[int, int] = {}
        self._trouble = "starting"
        self._check_at = 0.0
        self._gather_until = 0.0
        self._lag = 0
        self._consumer = Consumer(
            {
                **client_settings(bootstrap_servers),
                "group.id": f"gateway-of-{topic}",  # the client insists on one; it is never joined
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "error_cb": self._on_error,
            },
            logger=logging.getLogger("parking_api.librdkafka"),
        )

    def read(self) -> Batch:
        """Give what arrived, at most ``BATCH`` records, after at most ``WAIT_SECONDS`` (longer in trouble)."""
        if self._clock() >= self._check_at:
            self._check()
        sessions, refusals = _decode(self._records(self._gather()))
        if refusals:
            log.warning("%d records of %s skipped, the first: %s", len(refusals), self._topic, refusals[0])
        return Batch(sessions, len(refusals), self._catch_up.done, self._status())

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _status(self) -> Status:
        reason = self._trouble
        if not reason and not self._catch_up.done:
            reason = f"rebuilding: {self._catch_up.behind} of {self._catch_up.partitions} partitions are still behind"
        return Status(ready=not reason, reason=reason, lag=self._lag)

    def _gather(self) -> list[Message]:
        try:
            messages = self._consumer.consume(1, WAIT_SECONDS)
            if messages:
                time.sleep(max(0.0, self._gather_until - self._clock()))
                messages += self._consumer.consume(BATCH - 1, 0)
        except KafkaException as error:
            self._on_error(error.args[0])
            return []
        in_a_hurry = len(messages) == BATCH or not self._catch_up.done
        self._gather_until = self._clock() + (0 if in_a_hurry else GATHER_SECONDS)
        return messages

    def _records(self, messages: Iterable[Message]) -> Iterable[Message]:
        """Give the records among the messages, and note where reading stands."""
        for message in messages:
            error, partition, offset = message.error(), message.partition(), message.offset()
            at_end = error is not None and error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001 - its only name
            if error is not None and not at_end:
                self._on_error(error)
                continue
            assert partition is not None
            assert offset is not None
            if at_end:
                self._positions[partition] = offset
                self._catch_up.reached_end(partition)
            else:
                self._positions[partition] = offset + 1
                self._catch_up.saw(partition, offset)
                yield message

    def _on_error(self, error: KafkaError) -> None:
        """Look soon what is the matter; the consumer goes on trying by itself."""
        log.debug("%s", error)
        self._check_at = min(self._check_at, self._clock() + GATHER_SECONDS)

    def _check(self) -> None:
        """Ask the broker for the topic's partitions, and begin with those not read yet."""
        try:
            trouble = self._meet_partitions()
        except KafkaException as error:
            trouble = f"broker {self._servers} does not answer: {error.args[0].str()}"
        if trouble != self._trouble:
            log.info("%s", trouble or f"reading {self._topic} at {self._servers}")
        self._trouble = trouble
        self._lag = self._count_lag()
        calm = not trouble and self._catch_up.done
        self._check_at = self._clock() + (CHECK_WHEN_WELL_SECONDS if calm else CHECK_SECONDS)

    def _meet_partitions(self) -> str:
        """Assign new partitions; tells what stands in the way of reading, "" if nothing. Raises KafkaException."""
        topic = self._consumer.list_topics(self._topic, timeout=ANSWER_SECONDS).topics[self._topic]
        if topic.error is not None:
            return f"topic {self._topic}: {topic.error.str()}"
        leaderless = [number for number, partition in topic.partitions.items() if partition.leader < 0]
        if leaderless:
            return f"topic {self._topic}: no leader for partition {leaderless[0]}"
        new = [TopicPartition(self._topic, p, OFFSET_BEGINNING) for p in topic.partitions if p not in self._catch_up]
        if new:
            ends = {p.partition: self._consumer.get_watermark_offsets(p, timeout=ANSWER_SECONDS) for p in new}
            self._consumer.incremental_assign(new)
            self._catch_up.begin(ends)
        return ""

    def _count_lag(self) -> int:
        lag = 0
        for number, position in self._positions.items():
            _, end = self._consumer.get_watermark_offsets(TopicPartition(self._topic, number), cached=True)
            lag += max(0, end - position)
        return lag


def _decode(records: Iterable[Message]) -> tuple[list[Session], list[str]]:
    """Read records; tells of each refused one where it stands and which field is wrong."""
    sessions, refusals = [], []
    for message in records:
        try:
            # One pass in Rust parses and checks, at 350,000 records/s; no other JSON parser is needed here.
            sessions.append(Session.model_validate_json(message.value() or b""))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            name = ".".join(map(str, first["loc"])) or "record"
            refusals.append(f"partition {message.partition()}, offset {message.offset()}: {name}: {first['msg']}")
    return sessions, refusals
