import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.documents import SessionJobDocument
from parking_jobs.sessions.clock import GRACE_MS
from parking_jobs.sessions.shard import Shard, ShardState
from tests.support.tables import records_table

NOW = 1_700_000_000_000
DOCUMENT = SessionJobDocument.model_validate(
    {
        "lot": "central",
        "engine": "Spark",
        "delivery": "AtLeastOnce",
        "bootstrapServers": "unused:9092",
        "bays": ["A1", "A2"],
        "tariff": {},
        "topics": {},
        "timeoutSeconds": 30,
        "maxClockSkewSeconds": 60,
        "trigger": "500ms",
        "shards": 2,
        "maxEventsPerTrigger": 1_000,
        "checkpoint": "unused",
    }
)


def event(time_ms: int, status: str = "PARKED", bay: str = "A1") -> bytes:
    time = time_ms // 1000
    return json.dumps(
        {"timestamp": "", "timestamp_unix": time, "license_plate": "51A-1", "location": bay, "status_code": status}
    ).encode()


def statuses(step) -> list[str]:
    return step.updates["status"].to_pylist()


def test_a_silent_lot_times_out_by_itself() -> None:
    shard = Shard(DOCUMENT, "run")
    opened = shard.step(shard.new_state(), records_table([event(NOW)], arrival=NOW), NOW)
    assert statuses(opened) == ["ACTIVE"]
    early = shard.step(opened.state, None, NOW + 30_000 + GRACE_MS)
    assert statuses(early) == []
    assert early.state is opened.state
    late = shard.step(early.state, None, NOW + 30_000 + GRACE_MS + 1)
    assert statuses(late) == ["TIMEOUT"]
    assert late.state.sessions.num_rows == 0


def test_other_cars_records_let_a_session_time_out_in_the_same_partition_only() -> None:
    shard = Shard(DOCUMENT, "run")
    first = shard.step(shard.new_state(), records_table([event(NOW)], arrival=NOW), NOW)
    elsewhere = shard.step(
        first.state, records_table([event(NOW + 40_000, bay="A2")], arrival=NOW + 40_000, partition=1), NOW
    )
    assert statuses(elsewhere) == ["ACTIVE"]
    here = shard.step(elsewhere.state, records_table([b"broken"], arrival=NOW + 30_001, offset=1), NOW)
    assert statuses(here) == ["TIMEOUT"], "a refused record moves the clock too"
    assert here.refused.num_rows == 1


def test_the_moment_of_the_next_timeout_is_known_for_each_partition() -> None:
    shard = Shard(DOCUMENT, "run")
    assert shard.timeouts(shard.new_state()) == {}
    first = shard.step(shard.new_state(), records_table([event(NOW)], arrival=NOW), NOW + 7)
    left = records_table([event(NOW, bay="A2"), event(NOW, "EXITING", bay="A2")], arrival=NOW, partition=1)
    both = shard.step(first.state, left, NOW)
    moment = NOW + 7 + GRACE_MS + 30_001
    assert shard.timeouts(both.state) == {0: moment}
    assert statuses(shard.step(both.state, None, moment - 1, silent={0})) == []
    assert statuses(shard.step(both.state, None, moment, silent={1})) == []
    assert statuses(shard.step(both.state, None, moment, silent={0})) == ["TIMEOUT"]


def test_a_restart_after_a_long_downtime_times_nothing_out() -> None:
    before = Shard(DOCUMENT, "first run")
    state = before.step(before.new_state(), records_table([event(NOW)], arrival=NOW), NOW).state
    later = NOW + 86_400_000
    after = Shard(DOCUMENT, "second run")
    woken = after.step(ShardState.load(state.dump()), None, later)
    assert statuses(woken) == []
    backlog = after.step(woken.state, records_table([event(NOW + 5_000)], arrival=NOW + 5_000, offset=1), later + 100)
    assert statuses(backlog) == ["ACTIVE"]


@given(st.lists(st.sampled_from([event(NOW), event(NOW, "EXITING"), event(NOW, bay="A2"), b"x"]), max_size=5))
def test_the_state_survives_being_written(values) -> None:
    shard = Shard(DOCUMENT, "run")
    state = shard.step(shard.new_state(), records_table(values, arrival=NOW), NOW).state
    assert ShardState.load(state.dump()) == state


def test_a_state_of_another_format_is_refused() -> None:
    blob = Shard(DOCUMENT, "run").new_state().dump().replace(b"\x01\x00\x00\x002\x00", b"\x01\x00\x00\x009\x00")
    with pytest.raises(ValueError, match="state format: 9 cannot be read; allowed: 2"):
        ShardState.load(blob)
