"""Delivery in transactions: records and bookmarks of a step appear together, or not at all."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark, group_reader, to_commit
from parking_jobs.sessions.delivery import PATIENCE_SECONDS, VoidError, write
from parking_jobs.sessions.kafka_io import Outgoing, producer_settings
from parking_jobs.sessions.salvage import lost_records, open_records, places_written_to

_TRANSACTION_TIMEOUT_MS = 15_000
"""Longer than any batch takes, shorter than the group waits for a lost process: its open transaction holds up
readers of the processed topic."""
_HUNG_SECONDS = 20
"""Longer than a transaction may take."""
log = logging.getLogger(__name__)


class Transactions:
    """Records and bookmarks in one transaction per step: read-committed consumers see every update once.

    A thread waits for the broker to commit, so that the next step may be folded meanwhile.
    """

    def __init__(self, document: SessionJobDocument, consumer: Consumer, instance: str) -> None:
        self._document, self._raw, self._consumer = document, document.topics.raw, consumer
        settings = {
            # A process that comes back under the same name ends what it left open at once.
            "transactional.id": f"{document.group}-{instance}",
            "transaction.timeout.ms": _TRANSACTION_TIMEOUT_MS,
            # The coordinator is busy for a moment after each commit; the default would wait 100 ms for it.
            "retry.backoff.ms": 2,
        }
        self._producer = Producer({**producer_settings(document), **settings}, logger=log)
        self._producer.init_transactions(PATIENCE_SECONDS)
        self._under_way: Future[None] | None = None
        _awaited(_in_thread(self._tidy_up))

    def deliver(self, records: Iterable[Outgoing], bookmarks: Mapping[int, Bookmark]) -> None:
        """Begin a transaction as soon as the one before is done, and have it committed."""
        self.finish()
        offsets, member = to_commit(self._raw, bookmarks), self._consumer.consumer_group_metadata()
        with self._void_when_aborted():
            self._producer.begin_transaction()
            write(self._producer, records)
        self._under_way = _in_thread(lambda: self._commit(offsets, member))

    def finish(self) -> None:
        """Wait for the transaction that is under way.

        When the client hangs, a new producer of the same name takes over, upon which the broker ends what this one
        left open.
        """
        under_way, self._under_way = self._under_way, None
        if under_way:
            _awaited(under_way)

    def settle(self) -> None:
        """Wait for the transaction that is under way: there is nothing else."""
        self.finish()

    def _commit(self, offsets: list[TopicPartition], member: object) -> None:
        with self._void_when_aborted():
            self._producer.send_offsets_to_transaction(offsets, member, PATIENCE_SECONDS)
            _until_done(self._producer.commit_transaction)

    @contextmanager
    def _void_when_aborted(self) -> Iterator[None]:
        """Abort what fails: so it ends when the group has shared out its partitions anew meanwhile."""
        try:
            yield
        except KafkaException as failure:
            if not failure.args[0].txn_requires_abort():
                raise
            self._producer.abort_transaction(PATIENCE_SECONDS)
            _awaited(_in_thread(self._tidy_up))  # the one before it may have been left without an end
            raise VoidError(str(failure)) from failure

    def _tidy_up(self) -> None:
        """End what an earlier transaction of this name may have left open, and write again what of it counts."""
        found = open_records(self._document, places_written_to(self._document, self._producer))
        self._abort_everywhere()
        if found and (lost := lost_records(self._document, found)):
            log.warning("written again after a transaction without an end: %d records", len(lost))
            self._producer.begin_transaction()
            write(self._producer, lost)
            _until_done(self._producer.commit_transaction)

    def _abort_everywhere(self) -> None:
        """Abort a transaction that takes in every partition that is written to, that of the bookmarks too."""
        places = places_written_to(self._document, self._producer)
        with closing(group_reader(self._document)) as outsider:
            self._producer.begin_transaction()
            write(self._producer, (Outgoing(topic, partition, b"", None) for topic, partition in places))
            offsets = [TopicPartition(self._raw, 0, 0)]
            self._producer.send_offsets_to_transaction(offsets, outsider.consumer_group_metadata(), PATIENCE_SECONDS)
        if self._producer.flush(PATIENCE_SECONDS):  # what was not sent takes no part
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the broker takes no records"))  # noqa: SLF001
        self._producer.abort_transaction(PATIENCE_SECONDS)


def _in_thread(work: Callable[[], None]) -> Future[None]:
    """Do something in a thread that does not keep the program from ending."""
    future: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except (KafkaException, VoidError) as failure:
            future.set_exception(failure)
        else:
            future.set_result(None)

    threading.Thread(target=run, name="commit", daemon=True).start()
    return future


def _awaited(work: Future[None]) -> None:
    """Wait for work on a transaction; the client may hang for good when its broker goes away meanwhile."""
    try:
        work.result(_HUNG_SECONDS)
    except TimeoutError:
        told = f"no answer to a commit within {_HUNG_SECONDS} s"
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, told)) from None  # noqa: SLF001 - its public name


def _until_done(commit: Callable[[float], None]) -> None:
    """Commit, waiting for as long as the broker may yet take it."""
    while True:
        try:
            commit(PATIENCE_SECONDS)
        except KafkaException as failure:
            if not failure.args[0].retriable():
                raise
            log.warning("the transaction waits for the broker: %s", failure)
        else:
            return
