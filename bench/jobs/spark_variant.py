"""Our job on Spark with some of its settings changed or, where the value is null, taken away.

Run by bench/spark_settings.py with these settings in the environment variable BENCH_JOB (JSON, "spark").
"""

import json
import os
import sys

import parking_jobs.sessions.spark as engine
from parking.documents import SessionJobDocument
from parking_jobs.sessions.__main__ import main

CHANGES = json.loads(os.environ["BENCH_JOB"])["spark"]
usual = engine.settings


def changed(document: SessionJobDocument) -> dict[str, str]:
    """Give the job's settings as they are to be this time."""
    return {name: value for name, value in (usual(document) | CHANGES).items() if value is not None}


engine.settings = changed
sys.exit(main(sys.argv[1:]))
