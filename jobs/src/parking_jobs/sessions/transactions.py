"""Delivery in transactions: records and bookmarks of a step appear together, or not at all."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import Bookmark, to_commit
from parking_jobs.sessions.delivery import PATIENCE_SECONDS, VoidError, commit_by_all_means, write
from parking_jobs.sessions.kafka_io import Outgoing, producer_settings
from parking_jobs.sessions.mending import mend

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
        self._mend()

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
            commit_by_all_means(self._producer)

    @contextmanager
    def _void_when_aborted(self) -> Iterator[None]:
        """Abort what fails: so it ends when the group has shared out its partitions anew meanwhile."""
        try:
            yield
        except KafkaException as failure:
            if not failure.args[0].txn_requires_abort():
                raise
            self._producer.abort_transaction(PATIENCE_SECONDS)
            self._mend()  # the one before it may have been left without an end
            raise VoidError(str(failure)) from failure

    def _mend(self) -> None:
        _awaited(_in_thread(lambda: mend(self._document, self._producer)))


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
