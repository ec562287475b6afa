"""A million events waiting, a hundred thousand open sessions: do batches or memory grow while Spark works it off?

Writes bench/results/backlog.json: seconds per batch in order, and the job's memory (proportional share) beside them.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from batches import Batch, batches
from contenders import spark_engine
from events import Traffic, send
from report import RESULTS, main_of, settings_of, show, write
from running import Running, started
from stage import Stage, stage
from usage import Usage

LIMIT_SECONDS = 400


def main(argv: Sequence[str]) -> int:
    """Run it once and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--plates", type=int, default=100_000, help="open sessions")
    parser.add_argument("--output", type=Path, default=RESULTS / "backlog.json")
    options = parser.parse_args(argv)
    with stage() as here:
        done, memory, peak = _run(here, options)
    seconds = [batch.seconds for batch in done]
    third = max(1, len(seconds) // 3)
    growth = statistics.median(seconds[-third:]) / statistics.median(seconds[1 : third + 1] or seconds)
    results = {
        "ratios": {"last_third_by_first": round(growth, 2)},
        "batch_seconds": seconds,
        "rows": [batch.rows for batch in done],
        "open_sessions": [batch.open_sessions for batch in done],
        "memory_mb": memory,
        "peak_memory_mb": peak,
        "settings": settings_of(options),
    }
    write(options.output, results)
    show(("batch", "rows", "seconds", "MB"), [(n, *row) for n, row in enumerate(_rows(done, memory), start=1)])
    return 0


def _rows(done: list[Batch], memory: list[int]) -> list[tuple[int, float, int]]:
    return [(batch.rows, batch.seconds, mb) for batch, mb in zip(done, memory, strict=True)]


def _run(here: Stage, options: argparse.Namespace) -> tuple[list[Batch], list[int], int]:
    """Give the batches, the most memory seen by the end of each (MB), and the most in all."""
    with here.task("backlog", options.plates) as task:
        send(task.bootstrap, task.raw, Traffic.of(options.events, options.plates, seed=1))
        with started(spark_engine(), task) as running, Usage(running.pids) as usage:
            done, memory = _watch(running, usage, options.events)
    return done, memory, usage.peak_bytes >> 20


def _watch(running: Running, usage: Usage, events: int) -> tuple[list[Batch], list[int]]:
    done: list[Batch] = []
    memory: list[int] = []
    most, deadline = 0, time.monotonic() + LIMIT_SECONDS
    while sum(batch.rows for batch in done) < events:
        running.check(deadline)
        time.sleep(0.5)
        most = max(most, usage.now_bytes)
        done = batches(running.log.read_text(errors="replace"))
        if len(done) > len(memory):
            memory += [most >> 20] * (len(done) - len(memory))
            most = 0
    return done, memory


if __name__ == "__main__":
    sys.exit(main_of(main))
