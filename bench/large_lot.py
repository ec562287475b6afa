"""A million open sessions: events per second once all are open, latency at a steady rate, memory; for both engines.

A lot may have 100,000 bays, so ten cars share one. Spark has 4 GB of heap. Results go to bench/results/large_lot.json.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from contenders import Contender, embedded_engine, spark_engine
from report import RESULTS, attempt, main_of, settings_of, show, write
from runs import latency, throughput
from stage import Stage, stage

ENGINES = {"embedded": embedded_engine(), "spark": spark_engine(memory="4g")}


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results; 1 if a run failed."""
    options = _options(argv)
    with stage() as here:
        results = {name: _run(name, ENGINES[name], here, options) for name in options.only}
    write(options.output, {**results, "settings": settings_of(options)})
    rows = []
    for name, parts in results.items():
        rate, times = parts["backlog"] or {}, parts["steady"] or {}
        figures = (rate.get("events_per_second"), rate.get("peak_memory_mb"))
        rows.append((name, *figures, *(times.get(f) for f in ("p50", "p95", "p99", "cores", "memory_mb"))))
    show(("", "events/s", "peak MB", "p50", "p95", "p99 ms", "cores", "MB"), rows)
    return int(any(part is None for parts in results.values() for part in parts.values()))


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plates", type=int, default=1_000_000, help="open sessions")
    parser.add_argument("--rate", type=int, default=1_000, help="events/s of the latency part")
    parser.add_argument("--seconds", type=float, default=30, help="length of the latency part")
    parser.add_argument("--only", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--output", type=Path, default=RESULTS / "large_lot.json")
    return parser.parse_args(argv)


def _run(name: str, contender: Contender, here: Stage, options: argparse.Namespace) -> dict[str, dict | None]:
    plates = options.plates
    backlog = {"events": 2 * plates, "plates": plates, "once_all_are_open": True}
    steady = {"plates": plates, "rate": options.rate, "seconds": options.seconds, "warm_seconds": 15}
    return {
        "backlog": attempt(f"{name} backlog", throughput, contender, here, **backlog),
        "steady": attempt(f"{name} steady", latency, contender, here, **steady),
    }


if __name__ == "__main__":
    sys.exit(main_of(main))
