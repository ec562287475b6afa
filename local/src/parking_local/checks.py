"""What ``parking up`` makes sure of before it starts anything: one clear line for each thing that is wrong."""

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from parking.errors import ParkingError
from parking.lot import ParkingLot
from parking_local import broker
from parking_local.ports import check_free
from parking_local.toolchain.java import java_home

NEEDED_BYTES = 2 * 1024**3


def problems(*, ports: list[int], folders: list[Path], kafka: str | None, lot: ParkingLot) -> list[str]:
    """Give what stands in the way of a start: taken ports, a full disk, no Java, an absent broker, no Spark."""
    checks: list[Callable[[], object]] = [partial(check_free, port) for port in ports]
    checks += [partial(check_space, folder) for folder in folders]
    checks += [partial(check_kafka, kafka) if kafka else java_home]
    return list(dict.fromkeys([*_told(checks), *lot_problems(lot)]))


def lot_problems(lot: ParkingLot) -> list[str]:
    """Give what a lot's programs lack here: Spark, and what the road and its lake take."""
    checks: list[Callable[[], object]] = [partial(java_home, for_spark=True), check_spark] if lot.uses_spark else []
    return list(_told([*checks, check_road] if lot.spec.road else checks))


def _told(checks: list[Callable[[], object]]) -> Iterator[str]:
    for check in checks:
        try:
            check()
        except ParkingError as error:
            yield str(error)


def check_space(folder: Path, *, needed: int = NEEDED_BYTES) -> None:
    """Raise ParkingError when the disk under ``folder`` has too little room."""
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise ParkingError(
            f"too little disk for {folder}: {free / 1024**3:.1f} GiB free, {needed / 1024**3:.1f} needed"
        )


def check_spark() -> None:
    """Raise ParkingError when pyspark is not installed."""
    if importlib.util.find_spec("pyspark") is None:
        raise ParkingError(
            "pyspark is not installed, which the engine Spark needs: `make demo ENGINE=Spark` installs it, "
            "or `pip install 'parking-jobs[spark]'`"
        )


def check_road() -> None:
    """Raise ParkingError when a library of the road or its lake is not installed."""
    missing = [name for name in ("croniter", "obstore", "PIL") if importlib.util.find_spec(name) is None]
    if missing:
        raise ParkingError(
            f"{', '.join(missing)} not installed, which spec.road needs: `make demo MANIFEST=examples/road.yaml` "
            "installs it, or `pip install 'parking-local[lake]' 'parking-simulators[road]'`"
        )


def check_kafka(servers: str) -> None:
    """Raise ParkingError when no broker answers."""
    if not broker.count_brokers(servers):
        raise ParkingError(f"--kafka: no broker answers at {servers}")
