"""The lake's programs: ``python -m parking_jobs.lake write|upkeep --config DOCUMENT [--probe-port PORT]``.

Deployment settings of Spark (master, memory, jars) come from whoever starts it, as for the session job.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from parking.errors import ParkingError
from parking.probe import Probe
from parking.road_documents import LakeDocument


@dataclass(frozen=True, slots=True)
class Settings:
    """What a program was started with."""

    program: str
    document: LakeDocument
    probe_port: int

    @classmethod
    def from_argv(cls, argv: list[str]) -> "Settings":
        """Read the command line; raises ParkingError for a bad document."""
        parser = argparse.ArgumentParser(
            "parking_jobs.lake", description="Fills the lake's tables, and looks after them."
        )
        parser.add_argument(
            "program", choices=["write", "upkeep"], help="fill the tables until SIGTERM, or tidy them once"
        )
        parser.add_argument("--config", type=Path, required=True, help="the lake's document (JSON)")
        parser.add_argument(
            "--probe-port", type=int, default=8080, help="write: port of /healthz, /readyz and /metrics"
        )
        args = parser.parse_args(argv)
        return cls(args.program, LakeDocument.read(args.config), args.probe_port)


def main(argv: list[str]) -> int:
    """Run. Exit code 2 for bad settings or topics that are not there, 1 when Spark or a step failed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of every call from the JVM
    try:
        settings = Settings.from_argv(argv)
        return _write(settings) if settings.program == "write" else _upkeep(settings)
    except ParkingError as error:
        print(error, file=sys.stderr)
        return 2


def _write(settings: Settings) -> int:
    from parking_jobs.lake.progress import LakeProgress
    from parking_jobs.lake.run import run_lake

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    progress = LakeProgress()
    with closing(Probe(settings.probe_port, state=progress.state, metrics=progress.metrics)):
        return run_lake(settings.document, progress, stop)


def _upkeep(settings: Settings) -> int:
    from parking_jobs.lake.spark import make_tables, open_session
    from parking_jobs.lake.upkeep import keep_up

    document = settings.document
    spark = open_session(document, f"parking-upkeep-{document.lot}", os.environ)
    try:
        make_tables(spark, document)
        return 1 if keep_up(spark, document, datetime.now(UTC)) else 0
    finally:
        spark.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
