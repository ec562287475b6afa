"""What more processes (embedded engine) or shards (Spark engine) give: the same backlog with 1, 2 and 4 of them.

Eight partitions, so that each has as many as the others. Processes share them out beforehand and then stop for as
long as it takes to fill the topic, so that what is measured is work and not how a group forms. The rate counts once
every car has a session. Results go to bench/results/scaling.json.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from contenders import Contender, embedded_engine, spark_engine
from events import Traffic, send
from measure import sustained
from report import RESULTS, attempt, main_of, medians, settings_of, show, write
from running import RunFailedError, Running, started
from runs import output_of, rate_figures, throughput, until_folded, usage_of
from stage import Stage, stage
from usage import metric

PARTITIONS = 8
COUNTS = (1, 2, 4)
EVENTS = 1_000_000
ABSENCE_SECONDS = 15
"""Less than a group waits for a process that is away."""
SHARING_SECONDS, SETTLING_SECONDS = 60, 8
NAMES = {"embedded": "processes", "spark": "shards"}


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results; 1 if a run failed."""
    options = _options(argv)
    runs: dict[str, dict[int, list[dict | None]]] = {name: {count: [] for count in COUNTS} for name in options.only}
    with stage() as here:
        for number in range(options.rounds):
            for count in COUNTS:
                for name in options.only:
                    title = f"round {number + 1} {name} with {count} {NAMES[name]}"
                    contender = _contender(name, count)
                    runs[name][count].append(attempt(title, _run, contender, here, options, number))
    results = {
        **{name: _summary(by_count) for name, by_count in runs.items()},
        "rounds": runs,
        "settings": settings_of(options) | {"partitions": PARTITIONS, "cores": os.cpu_count()},
    }
    write(options.output, results)
    _show(results, options.only)
    return int(any(None in found for by_count in runs.values() for found in by_count.values()))


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--plates", type=int, default=10_000, help="open sessions")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the events")
    parser.add_argument("--only", nargs="+", default=list(NAMES), choices=list(NAMES))
    parser.add_argument("--output", type=Path, default=RESULTS / "scaling.json")
    return parser.parse_args(argv)


def _contender(name: str, count: int) -> Contender:
    if name == "embedded":
        return embedded_engine(processes=count, name=f"embedded-{count}")
    return spark_engine(count, name=f"spark-{count}")


def _run(contender: Contender, here: Stage, options: argparse.Namespace, number: int) -> dict:
    events = int(EVENTS * options.scale)
    if contender.spark is not None:
        backlog = {"plates": options.plates, "seed": number, "partitions": PARTITIONS, "once_all_are_open": True}
        return throughput(contender, here, events=events, **backlog)
    return _run_group(contender, here, events, options.plates, number)


def _run_group(contender: Contender, here: Stage, events: int, plates: int, number: int) -> dict:
    """Let several processes work off a backlog, each keeping the partitions that it got before."""
    traffic = Traffic.of(events, plates, number, PARTITIONS)
    opening, rest = traffic.first(plates), traffic.after(plates)
    with here.task(f"{contender.name}-{number}", plates, PARTITIONS) as task, output_of(task) as output:
        send(task.bootstrap, task.raw, opening)
        with started(contender, task) as running:
            until_folded(output, running, opening)
            _wait_until_shared(running)
        begun = time.monotonic()
        send(task.bootstrap, task.raw, rest)
        if time.monotonic() - begun > ABSENCE_SECONDS:
            raise RunFailedError("filling the topic took so long that the group gave the partitions away")
        with started(contender, task) as running, usage_of(running) as usage:
            running.wait_until_ready()
            since = time.time()
            written = until_folded(output, running, traffic)
    return rate_figures(sustained(written, traffic, since=since, after=plates), usage)


def _wait_until_shared(running: Running) -> None:
    """Wait until every process has open sessions, hence partitions, and for the last of them to change hands."""
    deadline = time.monotonic() + SHARING_SECONDS
    while not all(metric(port, "parking_sessions_open_sessions") for port in running.probes):
        running.check(deadline, "a process has no partitions")
        time.sleep(0.5)
    time.sleep(SETTLING_SECONDS)


def _summary(by_count: dict[int, list[dict | None]]) -> dict:
    """Medians for each count, and their rates divided by that of one."""
    found = {count: medians(runs) for count, runs in by_count.items()}
    one = found[1]
    ratios = {
        count: round(figures["events_per_second"] / one["events_per_second"], 2)
        for count, figures in found.items()
        if figures and one
    }
    return {"ratios": ratios, "medians": found}


def _show(results: dict, names: Sequence[str]) -> None:
    rows = []
    for name in names:
        for count, figures in results[name]["medians"].items():
            rate = figures or {}
            cost = (rate.get("cpu_seconds_per_million"), rate.get("peak_memory_mb"))
            title = f"{name}, {count} {NAMES[name]}"
            rows.append((title, rate.get("events_per_second"), results[name]["ratios"].get(count), *cost))
    show(("", "events/s", "times one", "CPU s/M", "peak MB"), rows)


if __name__ == "__main__":
    sys.exit(main_of(main))
