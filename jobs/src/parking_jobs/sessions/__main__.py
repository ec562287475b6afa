"""The session job: ``python -m parking_jobs.sessions --config DOCUMENT --probe-port PORT [--instance NAME]``.

The document names the engine. Spark's deployment settings (master, memory, jars) come from whoever starts it:
spark-submit in a cluster, PYSPARK_SUBMIT_ARGS on one machine.
"""

import argparse
import logging
import signal
import socket
import sys
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from parking.documents import SessionJobDocument
from parking.errors import ParkingError
from parking.probe import Probe
from parking_jobs.sessions.progress import Progress

_LOG_SECONDS = {"Spark": 0.0, "Embedded": 5.0}
"""A batch of Spark's is worth a line of its own; the embedded engine makes up to a hundred a second."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the job was started with."""

    document: SessionJobDocument
    probe_port: int
    instance: str

    @classmethod
    def from_argv(cls, argv: list[str]) -> "Settings":
        """Read the command line; raises ParkingError for a bad document."""
        parser = argparse.ArgumentParser("parking_jobs.sessions", description="Folds camera events into sessions.")
        parser.add_argument("--config", type=Path, required=True, help="the job's document (JSON)")
        parser.add_argument("--probe-port", type=int, default=8080, help="port of /healthz, /readyz and /metrics")
        parser.add_argument(
            "--instance",
            default=socket.gethostname(),
            help="embedded engine: name of this process, no other's and the same after a restart (the host's name)",
        )
        args = parser.parse_args(argv)
        return cls(SessionJobDocument.read(args.config), args.probe_port, args.instance)


def main(argv: list[str]) -> int:
    """Run until SIGTERM. Exit code 2 for bad settings, 1 when the engine failed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = Settings.from_argv(argv)
        progress = Progress(log_seconds=_LOG_SECONDS[settings.document.engine])
        with closing(Probe(settings.probe_port, state=progress.state, metrics=progress.metrics)):
            return _run(settings, progress, stop)
    except ParkingError as error:
        print(error, file=sys.stderr)
        return 2


def _run(settings: Settings, progress: Progress, stop: threading.Event) -> int:
    """Run the engine; only that one's libraries are loaded."""
    if settings.document.engine == "Spark":
        from parking_jobs.sessions.spark_run import run_spark

        return run_spark(settings.document, progress, stop)
    from parking_jobs.sessions.embedded import run_embedded

    return run_embedded(settings.document, settings.instance, progress, stop)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
