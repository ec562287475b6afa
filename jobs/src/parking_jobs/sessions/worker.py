"""The daemon from which Spark forks the session job's workers: it imports what the fold needs before the first fork."""

import pyarrow.compute
import pyarrow.json  # noqa: F401 - imported for the workers

import parking_jobs.sessions.spark_step  # noqa: F401
from parking_jobs import worker

if __name__ == "__main__":
    worker.serve()
