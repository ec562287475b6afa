"""How fast events become sessions: our job, the per-key design of public implementations, bytewax, a plain loop.

All run in turn on one broker and the same events, several rounds; medians and ratios go to
bench/results/sessions.json. ``python bench/sessions.py --help`` lists the options.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from contenders import CONTENDERS, Contender, Task, end
from events import create_topic, make_events, send
from measure import Output, Rate, Usage, Written, folded, latencies_ms, percentiles, sustained

from parking_local.broker import Broker, BrokerSettings
from parking_local.ports import free_port

RESULTS = Path(__file__).parent / "results"
PARTITIONS = 6
START_SECONDS = 180


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results."""
    options = _options(argv)
    chosen = [c for c in CONTENDERS if c.name in options.only]
    rounds: dict[str, list[dict]] = {c.name: [] for c in chosen}
    with tempfile.TemporaryDirectory(prefix="parking-bench-") as name:
        folder = Path(name)
        broker = Broker(BrokerSettings(port=free_port(), data_dir=folder / "kafka"))
        broker.start()
        try:
            create_topic(broker.bootstrap_servers, "bench-quarantine", 1)
            for number in range(options.rounds):
                for contender in chosen:
                    figures = _throughput(contender, broker.bootstrap_servers, folder, options, number)
                    rounds[contender.name].append(figures)
                    print(f"round {number + 1} {contender.name:<11} {json.dumps(figures)}", flush=True)
            latency = {
                c.name: _latency(c, broker.bootstrap_servers, folder, options) if c.keeps_up else None for c in chosen
            }
        finally:
            broker.stop()
    results = _summary(rounds, latency, options)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / options.output).write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))
    return 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--plates", type=int, default=10_000, help="open sessions")
    parser.add_argument("--rate", type=int, default=1_000, help="events/s of the latency part")
    parser.add_argument("--seconds", type=float, default=40, help="length of the latency part")
    parser.add_argument("--scale", type=float, default=1.0, help="share of each contender's events")
    parser.add_argument("--only", nargs="+", default=[c.name for c in CONTENDERS], choices=[c.name for c in CONTENDERS])
    parser.add_argument("--output", default="sessions.json")
    return parser.parse_args(argv)


def _task(bootstrap: str, folder: Path, options: argparse.Namespace, run: str) -> Task:
    """Make fresh topics for a run."""
    raw, processed = f"raw-{run}", f"processed-{run}"
    for topic in (processed, raw):
        create_topic(bootstrap, topic, PARTITIONS)
    return Task(bootstrap, raw, processed, PARTITIONS, options.plates, folder / run)


def _throughput(
    contender: Contender, bootstrap: str, folder: Path, options: argparse.Namespace, number: int
) -> dict[str, float]:
    """Let a contender work off a backlog."""
    task = _task(bootstrap, folder, options, f"{contender.name}-{number}")
    count = int(contender.events * options.scale)
    send(bootstrap, task.raw, make_events(count, options.plates, seed=number))
    process = contender.start(task)
    output = Output(bootstrap, task.processed, PARTITIONS)
    try:
        with Usage(process.pid) as usage:
            written = _until_folded(output, process, count, task)
            time.sleep(1)
    finally:
        end(process)
        output.close()
    rate: Rate = sustained(written)
    cpu = usage.cpu_between(rate.begin, rate.end)
    return {
        "events_per_second": round(rate.per_second),
        "cpu_seconds_per_million": round(cpu / rate.events * 1e6, 1),
        "peak_memory_mb": round(usage.peak_bytes / 2**20),
    }


def _until_folded(output: Output, process: subprocess.Popen[bytes], count: int, task: Task) -> list[Written]:
    """Read until the events are in sessions; the reader sleeps most of the time to leave the cores to the job.

    A straggler within the second of its car's exit is in none, hence the last per cent.
    """
    written: list[Written] = []
    size, deadline = -1, time.monotonic() + START_SECONDS + count / 100
    while folded(written) < 0.99 * count:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{task.folder.name} did not finish: {(task.folder / 'log').read_text()[-2000:]}")
        time.sleep(1)
        grown = output.size()
        if grown == size and grown:
            written += output.read(2.0 if grown > len(written) else 0.1)
        size = grown
    return written


def _latency(contender: Contender, bootstrap: str, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Feed a contender at a steady rate, all sessions open already, and see when each update can be read."""
    task = _task(bootstrap, folder, options, f"{contender.name}-latency")
    send(bootstrap, task.raw, make_events(options.plates, options.plates, seed=99))
    process = contender.start(task)
    output = Output(bootstrap, task.processed, PARTITIONS)
    try:
        _until_folded(output, process, options.plates, task)
        warm = int(options.rate * 15)
        count = warm + int(options.rate * options.seconds)
        events = list(make_events(options.plates + count, options.plates, seed=7))[options.plates :]
        feeder = threading.Thread(
            target=send, args=(bootstrap, task.raw, iter(events)), kwargs={"per_second": options.rate}
        )
        feeder.start()
        output.read(15)
        with Usage(process.pid) as usage:
            written = output.read(options.seconds)
        feeder.join()
        cpu = usage.samples[-1][1] - usage.samples[0][1]
        share = cpu / (usage.samples[-1][0] - usage.samples[0][0])
    finally:
        end(process)
        output.close()
    return {**percentiles(latencies_ms(written)), "updates": len(written), "cores": round(share, 2)}


def _summary(rounds: dict[str, list[dict]], latency: dict, options: argparse.Namespace) -> dict:
    """Medians over the rounds, and ours divided by each other's, round by round."""
    medians = {
        name: {figure: statistics.median(r[figure] for r in runs) for figure in runs[0]}
        for name, runs in rounds.items()
    }
    ours = rounds.get("ours", [])
    ratios = {
        name: round(
            statistics.median(a["events_per_second"] / b["events_per_second"] for a, b in zip(ours, runs, strict=True)),
            2,
        )
        for name, runs in rounds.items()
        if name != "ours" and ours
    }
    return {
        "ratios": ratios,
        "latency_ms": latency,
        "medians": medians,
        "rounds": rounds,
        "settings": {"open_sessions": options.plates, "latency_rate": options.rate, "rounds": options.rounds},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
