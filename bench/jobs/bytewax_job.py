"""The same rules as a bytewax dataflow: one stateful step keyed by plate and bay."""

import json
import os

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from plain import Place, encode, fold

JOB = json.loads(os.environ["BENCH_JOB"])
BROKERS = [JOB["bootstrap"]]


def keyed(message: KafkaSourceMessage) -> tuple[str, tuple[dict, Place]]:
    """Read an event, its place beside it, under its car's key."""
    event = json.loads(message.value)
    return f"{event['license_plate']}|{event['location']}", (event, (message.offset, message.timestamp[1]))


def update(state: dict | None, item: tuple[dict, Place]) -> tuple[dict | None, list[dict]]:
    """Fold one event."""
    event, place = item
    return fold(state, event, place, JOB["timeout_seconds"])


def written(item: tuple[str, dict]) -> KafkaSinkMessage:
    """Make the output record."""
    _, report = item
    return KafkaSinkMessage(report["session_id"].encode(), encode(report))


flow = Dataflow("sessions")
source = KafkaSource(BROKERS, [JOB["raw"]], batch_size=10_000, add_config={"fetch.wait.max.ms": "10"})
events = op.map("decode", op.input("raw", flow, source), keyed)
sessions = op.stateful_flat_map("fold", events, update)
sink = KafkaSink(BROKERS, JOB["processed"], add_config={"linger.ms": "5", "compression.type": "lz4"})
op.output("processed", op.map("encode", sessions, written), sink)
