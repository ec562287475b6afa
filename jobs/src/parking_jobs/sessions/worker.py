"""The daemon from which Spark forks its Python workers, warmed up once instead of in each of them.

Spark runs it by ``spark.python.daemon.module``. It imports what the fold needs before the first fork, and it spares
every task a cost that has nothing to do with it: Spark calls ``importlib.invalidate_caches()`` per task, upon which
Python re-reads the directory of each archive on its path, Spark's own 15 MB jars among them.
"""

import warnings
import zipimport

zipimport.zipimporter.invalidate_caches = lambda self: None  # type: ignore[method-assign]  # noqa: ARG005 - its signature

# Spark joins empty frames in a way that pandas is going to change; nothing a reader of the log could do.
warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")

import pandas as pd  # noqa: E402,F401 - imported for the workers
import pyarrow as pa  # noqa: E402,F401
import pyarrow.compute  # noqa: E402
import pyarrow.json  # noqa: E402,F401
from pyspark.daemon import manager  # noqa: E402

import parking_jobs.sessions.spark_step  # noqa: E402,F401

if __name__ == "__main__":
    manager()  # type: ignore[no-untyped-call]
