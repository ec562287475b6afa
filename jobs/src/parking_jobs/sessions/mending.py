"""What a job does about transactions of its name that a broker has left without an end, before it does anything else.

It may be killed at any moment of it: what it is about to abort is noted first, beside the bookmarks, and the note goes
in the transaction that writes again what counts.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import closing

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from parking.documents import SessionJobDocument
from parking_jobs.sessions.bookmarks import group_reader
from parking_jobs.sessions.delivery import PATIENCE_SECONDS, commit_by_all_means, write
from parking_jobs.sessions.kafka_io import Outgoing
from parking_jobs.sessions.salvage import (
    Stretches,
    again,
    lost_records,
    note,
    noted_stretches,
    open_stretches,
    place_of,
    places_written_to,
    records_in,
    united,
)

log = logging.getLogger(__name__)


def mend(document: SessionJobDocument, producer: Producer) -> None:
    """End what an earlier transaction of the producer's name may have left open, and write again what of it counts.

    Raises KafkaException.
    """
    with closing(group_reader(document)) as outsider:
        # A bookmark of a topic that the group does not read does no harm, whatever becomes of it.
        _begin(producer, outsider, offsets=[TopicPartition(document.topics.processed, 0, 0)])
        _abort(producer)
        places = places_written_to(document, producer)
        stretches = united(open_stretches(document, places), noted_stretches(outsider, places))
        if stretches:  # seldom
            _see_to(document, producer, outsider, stretches)


def _see_to(document: SessionJobDocument, producer: Producer, outsider: Consumer, stretches: Stretches) -> None:
    """Abort what is the producer's own in these stretches, and write again what of all that counts."""
    _begin(producer, outsider, offsets=[note(*each) for each in stretches.items()])
    commit_by_all_means(producer)
    found = records_in(document, stretches)
    # Readers of uncommitted records see these, so each says what stands there already.
    firsts = {place_of(message): message for message in reversed(found)}
    _begin(producer, outsider, map(again, firsts.values()))
    _abort(producer)
    lost = lost_records(document, outsider, found)
    _begin(producer, outsider, lost, [note(*each, is_seen_to=True) for each in stretches.items()])
    commit_by_all_means(producer)
    log.warning("written again after a transaction without an end: %d records", len(lost))


def _begin(
    producer: Producer, outsider: Consumer, records: Iterable[Outgoing] = (), offsets: Sequence[TopicPartition] = ()
) -> None:
    """Begin a transaction of records and of offsets of the group, which ``outsider`` need not be a member of."""
    producer.begin_transaction()
    write(producer, records)
    if offsets:
        producer.send_offsets_to_transaction([*offsets], outsider.consumer_group_metadata(), PATIENCE_SECONDS)


def _abort(producer: Producer) -> None:
    """Abort the transaction: with it ends what was open where it writes to."""
    if producer.flush(PATIENCE_SECONDS):  # what was not sent takes no part
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the broker takes no records"))  # noqa: SLF001
    producer.abort_transaction(PATIENCE_SECONDS)
