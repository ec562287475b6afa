"""The lot of 60 bays in examples/: what the session job costs with its own simulated cameras, and with nothing to do.

First the cameras run, then they are gone and the last sessions have timed out. Both engines; results go to
bench/results/small_lot.json.
"""

import argparse
import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml
from contenders import Contender, embedded_engine, spark_engine
from measure import Output, percentiles
from report import RESULTS, attempt, main_of, settings_of, show, write
from running import Running, started
from stage import Stage, Task, stage
from usage import cpu_seconds, memory_mb

from parking.documents import CamerasDocument, SessionJobDocument
from parking.lot import ParkingLot
from parking.manifest import load_lot
from parking_local.ports import free_port
from parking_operator.render.cameras import simulated_cameras

MANIFEST = Path(__file__).parent.parent / "examples" / "central.yaml"
ENGINES = {"embedded": embedded_engine(), "spark": spark_engine(memory="1g")}
WARM_SECONDS = 10


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results; 1 if a run failed."""
    options = _options(argv)
    lot = load_lot(yaml.safe_load(MANIFEST.read_text()))
    with stage() as here:
        results = {name: attempt(name, _run, name, ENGINES[name], lot, here, options.seconds) for name in options.only}
    write(options.output, {**results, "settings": settings_of(options)})
    rows = [
        (name, what, part["cores"], *part["memory_mb"].values(), *(part.get(f) for f in ("p50", "p95", "p99")))
        for name, parts in results.items()
        for what, part in (parts or {}).items()
    ]
    show(("", "", "cores", "resident MB", "share MB", "p50", "p95", "p99 ms"), rows)
    return int(None in results.values())


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="length of each part")
    parser.add_argument("--only", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--output", type=Path, default=RESULTS / "small_lot.json")
    return parser.parse_args(argv)


def _run(name: str, contender: Contender, lot: ParkingLot, here: Stage, seconds: float) -> dict:
    with here.task(f"small-{name}", 0, lot.spec.kafka.partitions) as task:
        running_as = dataclasses.replace(contender, document=_document(contender, lot, task))
        with started(running_as, task) as running, Output(task.bootstrap, task.processed, task.partitions) as output:
            running.wait_until_ready()
            with _cameras(lot, task):
                output.read(WARM_SECONDS)
                busy = _busy(running, output, seconds)
            time.sleep(lot.spec.sessions.timeout_seconds + WARM_SECONDS)
            idle = _idle(running, seconds)
            running.check()
    return {"with_cameras": busy, "idle": idle}


def _document(contender: Contender, lot: ParkingLot, task: Task) -> dict[str, object]:
    """Give what the lot says, but for what the benchmark decides: the engine, and topics of its own."""
    of_lot = SessionJobDocument.of(lot, bootstrap_servers=task.bootstrap, checkpoint=str(task.folder / "checkpoint"))
    return of_lot.document() | contender.document | {"topics": task.topics}


@contextmanager
def _cameras(lot: ParkingLot, task: Task) -> Iterator[None]:
    document = CamerasDocument.of(lot, simulated_cameras(lot), bootstrap_servers=task.bootstrap)
    config = task.folder / "cameras.json"
    config.write_text(json.dumps(document.model_copy(update={"topic": task.raw}).document()))
    argv = [sys.executable, "-m", "parking_simulators", "cameras", "--config", str(config)]
    with (task.folder / "cameras.log").open("wb") as log:
        process = subprocess.Popen(
            [*argv, "--probe-port", str(free_port())], stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _busy(running: Running, output: Output, seconds: float) -> dict:
    before = cpu_seconds(running.pids)
    written = output.read(seconds)
    used = {"cores": _share(before, running, seconds), "memory_mb": memory_mb(running.pids)}
    return used | {"updates_per_second": round(len(written) / seconds, 1)} | percentiles(written.latencies_ms)


def _idle(running: Running, seconds: float) -> dict:
    before = cpu_seconds(running.pids)
    time.sleep(seconds)
    return {"cores": _share(before, running, seconds), "memory_mb": memory_mb(running.pids)}


def _share(before: float, running: Running, seconds: float) -> float:
    return round((cpu_seconds(running.pids) - before) / seconds, 4)


if __name__ == "__main__":
    sys.exit(main_of(main))
