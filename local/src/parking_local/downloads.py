"""What a lot downloads before it runs: the jars of its own broker, and those of Spark if that is its engine."""

from rich.console import Console

from parking.lot import Engine
from parking_local.display import download_progress
from parking_local.toolchain import jars


def fetch(engine: Engine, console: Console, *, own_broker: bool) -> None:
    """Download what is missing; raises ParkingError."""
    sets = ["kafka-broker"] if own_broker else []
    sets += ["spark-kafka"] if engine == "Spark" else []
    for name in sets:
        with download_progress(console) as notify:
            jars.resolve(jars.pinned(name), notify=notify)
