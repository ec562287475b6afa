"""The only producer: sends events to their topics and says honestly how that goes.

Cameras are live sources. An event that the brokers do not take within DELIVERY_TIMEOUT is lost: counted, and
logged with the reason. Nothing else is dropped: a full buffer makes the sender wait. A broker that is away, at the
start too, is tried again for ever.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from parking.brokers import client_settings
from parking.errors import ParkingError

log = logging.getLogger(__name__)

DELIVERY_TIMEOUT = 30.0
UNREADY_AFTER = 10.0
"""Seconds without a single delivery after which the program calls itself not ready."""
FLUSH_TIMEOUT = 5.0
"""Seconds in which a program that ends sends what waits."""
_LOG_EVERY = 5.0
_SERVE_EVERY = 256  # events


class ProducerFailedError(ParkingError):
    """The producer is in a state that only a new one gets out of."""


class Publisher:
    """Sends to its topics. Made, used and closed by one thread; counts and ``trouble`` may be read by any."""

    def __init__(self, bootstrap_servers: str, *topics: str, stopped: Callable[[], bool] = lambda: False) -> None:
        self._topics = topics
        self._stopped = stopped
        self._producer = Producer(
            {
                **client_settings(bootstrap_servers),
                "client.id": "parking-simulators",
                "enable.idempotence": True,
                "linger.ms": 5,
                "compression.type": "gzip",  # every client can read it without a further library
                "partitioner": "murmur2_random",  # as Java and kafka-python: a plate's events share a partition
                "delivery.timeout.ms": int(DELIVERY_TIMEOUT * 1_000),
                "error_cb": self._on_error,
                "log_level": 2,  # it repeats itself while a broker is away; what it says comes through error_cb too
            }
        )
        self.delivered = 0
        self.lost = 0
        self._sent = 0
        self._unknown = list(topics)
        self._try_again_at = 0.0
        self._fatal: KafkaError | None = None
        self._reason = f"no answer from {bootstrap_servers}"
        self._waiting_since: float | None = None
        self._troubled = False
        self._unlogged: Counter[str] = Counter()
        self._logged_at = 0.0

    @property
    def queue_depth(self) -> int:
        """Number of events that wait for the brokers."""
        return len(self._producer)

    def send(self, key: str, value: str | bytes, topic: str | None = None) -> None:
        """Hand over an event, to the first topic unless told; waits while the buffer is full.

        Raises ProducerFailedError.
        """
        self._sent += 1
        if self._sent % _SERVE_EVERY == 0:
            self.serve()
        while True:
            try:
                self._producer.produce(topic or self._topics[0], key=key, value=value, on_delivery=self._on_delivery)
            except BufferError:
                if self._stopped():
                    return self._lose("the program ended while the buffer was full")
                self.serve(0.1)
            except KafkaException as error:
                return self._lose(error.args[0].str())
            else:
                self._waiting_since = self._waiting_since or time.monotonic()
                return None

    def serve(self, seconds: float = 0.0) -> None:
        """Take in what the brokers answered, for up to ``seconds``; to be called a few times a second."""
        if self._unknown and time.monotonic() >= self._try_again_at:
            self._connect()
        self._producer.poll(seconds)
        self._log_changes()
        if time.monotonic() - self._logged_at > _LOG_EVERY:
            self._log_losses()
        if self._fatal is not None:
            raise ProducerFailedError(f"the producer cannot go on: {self._fatal.str()}")

    def trouble(self) -> str:
        """Say why events do not get through, or nothing if they do."""
        if self._unknown:
            return f"not connected: {self._reason}"
        since = self._waiting_since
        silent = time.monotonic() - since if since is not None else 0.0
        return f"nothing delivered for {silent:.0f} s: {self._reason}" if silent > UNREADY_AFTER else ""

    def close(self, timeout: float = FLUSH_TIMEOUT) -> None:
        """Send what waits; what does not get through in time is lost."""
        remaining = self._producer.flush(timeout)
        for _ in range(remaining):
            self._lose("the program ended first")
        self._log_losses()
        log.info("%d events delivered, %d lost", self.delivered, self.lost)

    def _connect(self) -> None:
        self._try_again_at = time.monotonic() + 1.0
        with suppress(KafkaException):  # error_cb is told why
            while self._unknown:
                topic = self._unknown[0]
                error = self._producer.list_topics(topic, timeout=0.2).topics[topic].error
                self._reason = f"topic {topic}: {error.str()}" if error else "no answer"
                if error:
                    break
                self._unknown.pop(0)

    def _on_delivery(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._lose(error.str())
            return
        self.delivered += 1
        self._waiting_since = time.monotonic() if len(self._producer) else None

    def _on_error(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - a sum of errors told before
            self._reason = error.str()
        if error.fatal():
            self._fatal = error

    def _lose(self, reason: str) -> None:
        self.lost += 1
        self._unlogged[reason] += 1
        self._waiting_since = self._waiting_since or time.monotonic()

    def _log_changes(self) -> None:
        trouble = self.trouble()
        if trouble and not self._troubled:
            log.warning("%s", trouble)
        elif self._troubled and not trouble:
            log.info("delivering to topic %s", ", ".join(self._topics))
        self._troubled = bool(trouble)

    def _log_losses(self) -> None:
        for reason, lost in self._unlogged.items():
            log.error("%d events lost: %s", lost, reason)
        self._unlogged.clear()
        self._logged_at = time.monotonic()
