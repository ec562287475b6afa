"""One core, one process, no framework: a consumer, a dict, a producer."""

import json
import os

from confluent_kafka import Consumer, Producer, TopicPartition
from plain import encode, fold

JOB = json.loads(os.environ["BENCH_JOB"])


def main() -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": JOB["bootstrap"],
            "group.id": "plain",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 10,
        }
    )
    consumer.assign([TopicPartition(JOB["raw"], partition, 0) for partition in range(JOB["partitions"])])
    producer = Producer(
        {
            "bootstrap.servers": JOB["bootstrap"],
            "linger.ms": 5,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    sessions: dict[tuple[str, str], dict] = {}
    while True:
        for record in consumer.consume(10_000, 0.01):
            event = json.loads(record.value())
            key = (event["license_plate"], event["location"])
            place = (record.offset(), record.timestamp()[1])
            state, reports = fold(sessions.get(key), event, place, JOB["timeout_seconds"])
            if state is None:
                sessions.pop(key, None)
            else:
                sessions[key] = state
            for report in reports:
                while True:
                    try:
                        producer.produce(JOB["processed"], key=report["session_id"], value=encode(report))
                        break
                    except BufferError:
                        producer.poll(0.1)
        producer.poll(0)


main()
