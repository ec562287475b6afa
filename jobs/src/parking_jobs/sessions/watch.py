"""Looks after the group: a partition that nobody holds is a lot half of which stands still.

Kafka's cooperative protocol hands partitions over in two rounds, and asks for the second one when the old owner has let
go. An owner that dies in between and comes back under its name is given what the first round left it, without a second
one: the rest is nobody's until the next change of the group. So the watch makes one: it comes in as a visitor who wants
nothing of the raw topic, upon which the members share it out anew, and goes.
"""

import logging
import threading
import time
from collections.abc import Collection
from contextlib import closing

from confluent_kafka import Consumer, ConsumerGroupState, KafkaException
from confluent_kafka.admin import AdminClient, ConsumerGroupDescription

from parking.documents import SessionJobDocument

log = logging.getLogger(__name__)
_EVERY_SECONDS = 10.0
_PATIENCE_SECONDS = 10.0


def unowned(group: ConsumerGroupDescription, topic: str, partitions: Collection[int]) -> set[int]:
    """Give the partitions that no member of a settled group holds; a group without members is at rest."""
    if group.state != ConsumerGroupState.STABLE or not group.members:
        return set()
    places = (place for member in group.members for place in member.assignment.topic_partitions)
    return set(partitions) - {place.partition for place in places if place.topic == topic}


class Watch:
    """Looks at the group every few seconds, from a thread of its own, until ``stop``."""

    def __init__(self, document: SessionJobDocument, stop: threading.Event) -> None:
        self._document, self._stop = document, stop
        self._admin = AdminClient({"bootstrap.servers": document.bootstrap_servers}, logger=log)
        self._seen: set[int] = set()

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                self.look()
            except KafkaException as failure:
                log.warning("the group cannot be seen: %s", failure)

    def look(self) -> None:
        """Call the group together when a partition was nobody's twice in a row: once may be a hand-over."""
        raw = self._document.topics.raw
        partitions = self._admin.list_topics(raw, _PATIENCE_SECONDS).topics[raw].partitions
        described = self._admin.describe_consumer_groups([self._document.group], request_timeout=_PATIENCE_SECONDS)
        nobodys = unowned(described[self._document.group].result(), raw, partitions)
        if still := nobodys & self._seen:
            log.warning("nobody holds partitions=%s: calling the group together", sorted(still))
            self._visit()
        self._seen = nobodys - still

    def _visit(self) -> None:
        """Join the group for the processed topic, which no member reads this way, and leave it again."""
        settings = {
            "bootstrap.servers": self._document.bootstrap_servers,
            "group.id": self._document.group,
            "partition.assignment.strategy": "cooperative-sticky",
            "enable.auto.commit": False,
        }
        arrived = threading.Event()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        with closing(Consumer(settings, logger=log)) as visitor:
            visitor.subscribe([self._document.topics.processed], on_assign=lambda *_: arrived.set())
            while not arrived.is_set() and time.monotonic() < deadline and not self._stop.is_set():
                visitor.poll(0.1)
