"""The daemon from which Spark forks the lake's workers: it imports what decoding needs before the first fork."""

import parking_jobs.lake.decode  # noqa: F401 - imported for the workers
from parking_jobs import worker

if __name__ == "__main__":
    worker.serve()
