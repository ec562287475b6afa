"""Spark's Python daemon that does not re-read archives per task, and nothing else, for bench/spark_settings.py."""

import zipimport

from pyspark.daemon import manager

zipimport.zipimporter.invalidate_caches = lambda self: None  # noqa: ARG005 - its signature

if __name__ == "__main__":
    manager()
