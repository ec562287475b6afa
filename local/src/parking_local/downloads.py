"""What a lot downloads before it runs: the jars of its own broker, and those of Spark and of a lake if it has them."""

from rich.console import Console

from parking.lot import ParkingLot
from parking_local.display import download_progress
from parking_local.toolchain import jars


def needed_sets(lot: ParkingLot, *, own_broker: bool) -> list[str]:
    """Name the sets of jars that a lot runs on."""
    sets = ["kafka-broker"] if own_broker else []
    sets += ["spark-kafka"] if lot.uses_spark else []
    if road := lot.spec.road:
        sets += ["spark-lake"]
        sets += ["spark-lake-aws"] if road.lake.uses_aws_clients else []
    return sets


def fetch(lot: ParkingLot, console: Console, *, own_broker: bool) -> None:
    """Download what is missing; raises ParkingError."""
    for name in needed_sets(lot, own_broker=own_broker):
        with download_progress(console) as notify:
            jars.resolve(jars.pinned(name), notify=notify)
