"""The writer that public versions use: a query per topic, ``from_json`` and plain Parquet files, as often as it can.

Location is text, nothing is checked, nothing is found that comes twice: BENCH_JOB says servers, topics and folder.
"""

import json
import os

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its usual name

_FIELDS = {
    "vehicle_data": "location array<double>, speed double, direction double, make string, model string, year int,"
    " fuelType string",
    "gps_data": "latitude double, longitude double, accuracy double, speed double, direction double,"
    " vehicleType string",
    "traffic_data": "cameraId string, location array<double>, snapshot string",
    "weather_data": "location array<double>, temperature double, weatherCondition string, precipitation double,"
    " windSpeed double, humidity double, airQualityIndex double",
    "emergency_data": "incidentId string, type string, location array<double>, status string, description string",
}


def main() -> None:
    """Start the queries and wait for ever."""
    job = json.loads(os.environ["BENCH_JOB"])
    spark = SparkSession.builder.appName("plain lake").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    for topic, fields in _FIELDS.items():
        records = (
            spark.readStream.format("kafka")
            .option("kafka.bootstrap.servers", job["bootstrap"])
            .option("subscribe", topic)
            .option("startingOffsets", "earliest")
            .option("maxOffsetsPerTrigger", job["max_offsets"])
            .load()
        )
        schema = f"id string, deviceId string, timestamp timestamp, {fields}"
        rows = records.select(F.from_json(F.col("value").cast("string"), schema).alias("data")).select("data.*")
        (
            rows.writeStream.format("parquet")
            .option("path", f"{job['folder']}/{topic}")
            .option("checkpointLocation", f"{job['folder']}/checkpoints/{topic}")
            .outputMode("append")
            .start()
        )
    spark.streams.awaitAnyTermination()


main()
