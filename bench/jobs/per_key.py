"""The design of public implementations, as the baseline: one Python call per (plate, location) and batch, 2 s trigger.

Run by bench/sessions.py with the settings in the environment variable BENCH_JOB (JSON).
"""

import json
import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.streaming.state import GroupState, GroupStateTimeout

JOB = json.loads(os.environ["BENCH_JOB"])
EVENT = "timestamp string, timestamp_unix long, license_plate string, location string, status_code string"
SESSION = (
    "license_plate string, location string, start_time long, end_time long, duration long, cost long, status string,"
    " last_updated long, session_id string, version long, last_arrival long"
)
STATE = "start_time long, end_time long, newest long, last_arrival long"


def update(key: tuple[str, str], frames: Iterable[pd.DataFrame], state: GroupState) -> Iterator[pd.DataFrame]:
    """Fold one car's new events into its session; versions follow the offset of the newest event."""
    if state.hasTimedOut:
        start, end, newest, arrival = state.get
        state.remove()
        yield session(key, start, end, "TIMEOUT", 2 * newest + 1, arrival)
        return
    rows = []
    start, end, newest, arrival = state.get if state.exists else (None, 0, 0, 0)
    for frame in frames:
        for _, event in frame.sort_values("offset").iterrows():
            now = int(event["timestamp_unix"])
            if start is None:
                start = end = now
            end, newest, arrival = max(end, now), int(event["offset"]) + 1, int(event["arrival"])
            if event["status_code"] == "EXITING":
                rows.append(session(key, start, end, "CLOSED", 2 * newest, arrival))
                start = None
    if start is None:
        if state.exists:
            state.remove()
    else:
        state.update((start, end, newest, arrival))
        state.setTimeoutDuration(JOB["timeout_seconds"] * 1000)
        rows.append(session(key, start, end, "ACTIVE", 2 * newest, arrival))
    if rows:
        yield pd.concat(rows)


def session(key: tuple[str, str], start: int, end: int, status: str, version: int, arrival: int) -> pd.DataFrame:
    """Make one row of output."""
    plate, location = key
    named = f"bench|{plate}|{location}|{start}|{arrival if status == 'CLOSED' else ''}"
    return pd.DataFrame(
        {
            "license_plate": [plate],
            "location": [location],
            "start_time": [start],
            "end_time": [end],
            "duration": [end - start],
            "cost": [-(-(end - start) // 600) * 10_000],
            "status": [status],
            "last_updated": [end],
            "session_id": [blake2b(named.encode(), digest_size=10).hexdigest()],
            "version": [version],
            "last_arrival": [arrival],
        }
    )


def main() -> None:
    spark = SparkSession.builder.appName("per-key").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    raw = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", JOB["bootstrap"])
        .option("subscribe", JOB["raw"])
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", JOB["max_offsets"])
        .load()
    )
    event = F.from_json(F.col("value").cast("string"), EVENT).alias("event")
    events = raw.select(event, "offset", F.unix_millis("timestamp").alias("arrival")).select(
        "event.*", "offset", "arrival"
    )
    sessions = events.groupBy("license_plate", "location").applyInPandasWithState(
        update, SESSION, STATE, "update", GroupStateTimeout.ProcessingTimeTimeout
    )
    (
        sessions.select(F.col("session_id").alias("key"), F.to_json(F.struct("*")).alias("value"))
        .writeStream.format("kafka")
        .outputMode("update")
        .trigger(processingTime="2 seconds")
        .option("kafka.bootstrap.servers", JOB["bootstrap"])
        .option("topic", JOB["processed"])
        .option("checkpointLocation", f"{JOB['folder']}/checkpoint")
        .start()
        .awaitTermination()
    )


main()
