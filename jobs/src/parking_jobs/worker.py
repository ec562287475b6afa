"""What the daemons share from which Spark forks its Python workers: warmed up once instead of in each of them.

Spark runs a daemon by ``spark.python.daemon.module``. Importing this spares every task a cost that has nothing to do
with it: Spark calls ``importlib.invalidate_caches()`` per task, upon which Python re-reads the directory of each
archive on its path, Spark's own 15 MB jars among them.
"""

import warnings
import zipimport

zipimport.zipimporter.invalidate_caches = lambda self: None  # type: ignore[method-assign]  # noqa: ARG005 - its signature

# Spark joins empty frames in a way that pandas is going to change; nothing a reader of the log could do.
warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")

import pandas as pd  # noqa: E402,F401 - imported for the workers
import pyarrow as pa  # noqa: E402,F401
from pyspark.daemon import manager  # noqa: E402


def serve() -> None:
    """Fork workers until Spark ends."""
    manager()  # type: ignore[no-untyped-call]
