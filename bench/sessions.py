"""How fast events become sessions: our two engines, the per-key design of public implementations, bytewax, others.

All run in turn on one broker and the same events, several rounds; medians and ratios go to
bench/results/sessions.json. ``ratios`` are of the Spark engine to the others, ``embedded_ratios`` of the embedded
engine with transactions to every other. ``python bench/sessions.py --help`` lists the options.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from contenders import CONTENDERS, Contender
from report import RESULTS, attempt, main_of, medians, show, write
from runs import latency, throughput
from stage import Stage, stage

OURS = {"ours", "embedded", "embedded_at_least_once"}
Rounds = dict[str, list[dict | None]]


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results; 1 if a run failed."""
    options = _options(argv)
    chosen = [contender for contender in CONTENDERS if contender.name in options.only]
    rates: Rounds = {contender.name: [] for contender in chosen}
    latencies: Rounds = {contender.name: [] for contender in chosen if contender.keeps_up}
    with stage() as here:
        for number in range(options.rounds):
            for contender in chosen:
                _round(contender, here, options, number, rates, latencies)
    results = _summary(rates, latencies, options)
    write(options.output, results)
    _show(results)
    return int(any(None in runs for runs in (*rates.values(), *latencies.values())))


def _options(argv: Sequence[str]) -> argparse.Namespace:
    names = [contender.name for contender in CONTENDERS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--plates", type=int, default=10_000, help="open sessions")
    parser.add_argument("--rate", type=int, default=1_000, help="events/s of the latency part")
    parser.add_argument("--seconds", type=float, default=20, help="length of the latency part in each round")
    parser.add_argument("--scale", type=float, default=1.0, help="share of each contender's events")
    parser.add_argument("--only", nargs="+", default=names, choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--output", type=Path, default=RESULTS / "sessions.json")
    return parser.parse_args(argv)


def _round(
    contender: Contender,
    here: Stage,
    options: argparse.Namespace,
    number: int,
    rates: Rounds,
    latencies: Rounds,
) -> None:
    title = f"round {number + 1} {contender.name}"
    backlog = {"events": int(contender.events * options.scale), "plates": options.plates, "seed": number}
    rates[contender.name].append(attempt(f"{title} rate", throughput, contender, here, **backlog))
    if contender.keeps_up:
        steady = {"plates": options.plates, "rate": options.rate, "seconds": options.seconds, "warm_seconds": 10}
        figures = attempt(f"{title} latency", latency, contender, here, **steady, seed=number)
        latencies[contender.name].append(figures)


def _summary(rates: Rounds, latencies: Rounds, options: argparse.Namespace) -> dict:
    return {
        "ratios": _ratios(rates, "ours", leave_out=OURS),
        "embedded_ratios": _ratios(rates, "embedded", leave_out={"embedded"}),
        "latency_ms": {name: medians(runs) for name, runs in latencies.items()},
        "medians": {name: medians(runs) for name, runs in rates.items()},
        "rounds": rates,
        "latency_rounds": latencies,
        "settings": {
            "open_sessions": options.plates,
            "latency_rate": options.rate,
            "latency_seconds": options.seconds,
            "rounds": options.rounds,
            "scale": options.scale,
        },
    }


def _ratios(rates: Rounds, of: str, leave_out: set[str]) -> dict[str, float]:
    """Events per second of one contender divided by each other's: the median over the rounds."""
    ratios = {}
    for name, runs in rates.items():
        pairs = [(a, b) for a, b in zip(rates.get(of, []), runs, strict=False) if a and b]
        if pairs and name not in leave_out:
            ratios[name] = round(
                statistics.median(a["events_per_second"] / b["events_per_second"] for a, b in pairs), 2
            )
    return ratios


def _show(results: dict) -> None:
    header = ("", "events/s", "ours is", "embedded is", "CPU s/M", "peak MB", "p50", "p95", "p99 ms", "cores")
    rows = []
    for name, figures in results["medians"].items():
        rate, times = figures or {}, results["latency_ms"].get(name) or {}
        ratios = (results[kind].get(name) for kind in ("ratios", "embedded_ratios"))
        cost = (rate.get("cpu_seconds_per_million"), rate.get("peak_memory_mb"))
        rows.append(
            (
                name,
                rate.get("events_per_second"),
                *ratios,
                *cost,
                *(times.get(p) for p in ("p50", "p95", "p99", "cores")),
            )
        )
    show(header, rows)
    for name in results["medians"]:
        for what, figures in (
            ("backlog", results["medians"][name]),
            ("steady rate", results["latency_ms"].get(name)),
        ):
            if figures and "phase_shares" in figures:
                print(f"{name}, {what}: seconds per million events {figures['phase_seconds_per_million']}")


if __name__ == "__main__":
    sys.exit(main_of(main))
