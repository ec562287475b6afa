import json

import pyarrow as pa

from parking.tariff import Tariff
from parking_jobs.sessions.encode import QUARANTINE_HEADERS, SessionEncoder
from parking_jobs.sessions.kafka_io import quarantined_out, records_table, sessions_out
from parking_jobs.sessions.schemas import RECORDS
from parking_jobs.sessions.shard import Shard
from tests.parking_jobs.sessions.test_shard import DOCUMENT, NOW, event
from tests.support import tables


class StubMessage:
    """The getters of confluent_kafka.Message, which cannot be made by hand."""

    def __init__(self, partition: int, offset: int, arrival: int, key: bytes | None, value: bytes | None) -> None:
        self.partition, self.offset = lambda: partition, lambda: offset
        self.timestamp = lambda: (2, arrival)
        self.key, self.value = lambda: key, lambda: value


def test_messages_become_records() -> None:
    table = records_table([StubMessage(1, 7, NOW, b"k", b"v"), StubMessage(0, 8, NOW, None, None)])
    assert table.schema == RECORDS
    assert table.to_pylist()[0] == {"partition": 1, "offset": 7, "arrival": NOW, "key": b"k", "value": b"v"}
    assert table.to_pylist()[1]["value"] is None
    assert records_table([]).num_rows == 0


def test_a_step_becomes_messages() -> None:
    records = tables.records_table([event(NOW), b"broken"], arrival=NOW, partition=3)
    step = Shard(DOCUMENT, "run").step(Shard(DOCUMENT, "run").new_state(), records, NOW)
    (out,) = sessions_out(step, SessionEncoder("central", Tariff()), "processed")
    told = json.loads(out.value)
    assert (out.topic, out.partition, out.key) == ("processed", 3, told["session_id"])
    (refused,) = quarantined_out(step, "raw", "quarantine")
    assert (refused.topic, refused.key, refused.value) == ("quarantine", b"k", b"broken")
    assert [name for name, _ in refused.headers] == list(QUARANTINE_HEADERS)
    assert dict(refused.headers)["offset"] == "1"


def test_nothing_new_is_no_message() -> None:
    shard = Shard(DOCUMENT, "run")
    step = shard.step(shard.new_state(), None, NOW)
    assert pa.types.is_string(step.updates.schema.field("session_id").type)
    assert [*sessions_out(step, SessionEncoder("c", Tariff()), "p"), *quarantined_out(step, "r", "q")] == []
