"""Spark's Python daemon with the job's imports made beforehand, and nothing else, for bench/spark_settings.py."""

import pyarrow.compute
import pyarrow.json  # noqa: F401
from pyspark.daemon import manager

import parking_jobs.sessions.spark_step  # noqa: F401 - imported for the workers

if __name__ == "__main__":
    manager()
