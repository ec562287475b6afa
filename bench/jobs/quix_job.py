"""The same rules as a quixstreams application: its own state, by plate as the events are keyed, one entry per bay.

State is on as its documentation has it: RocksDB beside the process and a changelog topic. Tuned for what is measured:
consumer and producer wait as briefly as the other contenders'. At least once, checkpoints come at the library's own
pace (5 s), since records are seen before them; exactly once, records are seen at a checkpoint only, so these come
every 100 ms: rarer ones add to the latency what they save in work. Between transactions the producer retries soon.
"""

import json
import os

from plain import fold
from quixstreams import Application, State, message_context

JOB = json.loads(os.environ["BENCH_JOB"])
COMMIT_SECONDS = {"at-least-once": 5.0, "exactly-once": 0.1}


def update(event: dict, _key: bytes, arrival: int, _headers: object, state: State) -> list[dict]:
    """Fold one event."""
    bay = event["location"]
    before = state.get(bay)
    after, reports = fold(before, event, (message_context().offset, arrival), JOB["timeout_seconds"])
    if after is not None:
        state.set(bay, after)
    elif before is not None:
        state.delete(bay)
    return reports


def main() -> None:
    app = Application(
        broker_address=JOB["bootstrap"],
        consumer_group=f"quix-{JOB['raw']}",
        auto_offset_reset="earliest",
        processing_guarantee=JOB["guarantee"],
        commit_interval=COMMIT_SECONDS[JOB["guarantee"]],
        state_dir=f"{JOB['folder']}/state",
        consumer_extra_config={"fetch.wait.max.ms": 10},
        producer_extra_config={
            "linger.ms": 5,
            "compression.type": "lz4",
            "queue.buffering.max.messages": 1_000_000,
            "retry.backoff.ms": 2,
        },
        loglevel="WARNING",
    )
    raw = app.topic(JOB["raw"], value_deserializer="json")
    processed = app.topic(JOB["processed"], key_serializer="str", value_serializer="json")
    sessions = app.dataframe(raw).apply(update, stateful=True, expand=True, metadata=True)
    sessions.to_topic(processed, key=lambda report: report["session_id"])
    app.run()


main()
