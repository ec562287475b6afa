"""The two runs that every session benchmark is made of: working off a backlog, and keeping up with a steady rate."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from contenders import Contender
from events import PARTITIONS, Feeder, Traffic, send
from measure import Output, Rate, Written, folded, percentiles, sustained
from running import RunFailedError, Running, started
from stage import Stage, Task
from usage import BATCHES, CPU, Usage

Figures = dict[str, float | dict[str, float]]

START_SECONDS = 150
_LEAST_PER_SECOND = 150
_PATIENCE_SECONDS = 250


def throughput(
    contender: Contender,
    stage: Stage,
    *,
    events: int,
    plates: int,
    seed: int = 0,
    partitions: int = PARTITIONS,
    once_all_are_open: bool = False,
) -> Figures:
    """Let a contender work off a backlog; raises RunFailedError.

    The rate may count from the moment when every car has a session (``once_all_are_open``).
    """
    traffic = Traffic.of(events, plates, seed, partitions)
    with stage.task(f"{contender.name}-{seed}", plates, partitions) as task:
        send(task.bootstrap, task.raw, traffic)
        with started(contender, task) as running, output_of(task) as output, usage_of(running) as usage:
            written = until_folded(output, running, traffic)
    rate = sustained(written, traffic, after=plates if once_all_are_open else 0)
    return rate_figures(rate, usage)


def latency(
    contender: Contender, stage: Stage, *, plates: int, rate: int, warm_seconds: float, seconds: float, seed: int = 0
) -> Figures:
    """Feed a contender at a steady rate, all sessions open already, and see when each update can be read."""
    steady = steady_traffic(plates, rate * (warm_seconds + seconds + 1), seed)
    with opened(contender, stage, plates=plates, seed=seed) as (task, running, output):
        with Feeder(task.bootstrap, task.raw, steady, rate), usage_of(running) as usage:
            output.read(warm_seconds)
            begin = time.time()
            written = output.read(seconds)
        running.check()
    return _latency_figures(written, usage, begin, seconds, rate)


@contextmanager
def opened(contender: Contender, stage: Stage, *, plates: int, seed: int = 0) -> Iterator[tuple[Task, Running, Output]]:
    """Start a contender and let it open a session for every car."""
    opening = Traffic.of(plates, plates, seed)
    with stage.task(f"{contender.name}-opened-{seed}", plates) as task:
        send(task.bootstrap, task.raw, opening)
        with started(contender, task) as running, output_of(task) as output:
            until_folded(output, running, opening)
            yield task, running, output


def steady_traffic(plates: int, events: float, seed: int) -> Traffic:
    """Give events of cars that have been seen before."""
    return Traffic.of(plates + int(events), plates, seed + 1).after(plates)


def output_of(task: Task) -> Output:
    """Read what a contender writes."""
    return Output(task.bootstrap, task.processed, task.partitions)


def usage_of(running: Running) -> Usage:
    """Watch a contender."""
    return Usage(running.pids, running.probes)


def until_folded(output: Output, running: Running, traffic: Traffic) -> Written:
    """Read until the events are in sessions; the reader sleeps most of the time to leave the cores to the job.

    A straggler within the second of its car's exit is in none, hence the last per cent.
    """
    written, size, done = Written.of([]), -1, 0
    deadline = time.monotonic() + START_SECONDS + min(len(traffic) / _LEAST_PER_SECOND, _PATIENCE_SECONDS)
    while done < 0.99 * len(traffic):
        running.check(deadline, f"{done} of {len(traffic)} events are in {len(written)} records")
        time.sleep(1)
        grown = output.size()
        if grown == size and grown:
            written += output.read_waiting()
            done = int(folded(written, traffic)[1][-1]) if len(written) else 0
        size = grown
    return written


def rate_figures(rate: Rate, usage: Usage) -> Figures:
    """Say how fast a contender was, and at what cost."""
    spent = usage.between(rate.begin, rate.end)
    figures: Figures = {
        "events_per_second": round(rate.per_second),
        "cpu_seconds_per_million": round(spent.pop(CPU) / rate.events * 1e6, 1),
        "peak_memory_mb": usage.peak_bytes >> 20,
    }
    return figures | _told(spent, rate.events, rate.end - rate.begin)


def _latency_figures(written: Written, usage: Usage, begin: float, seconds: float, rate: int) -> Figures:
    if len(written) < 100:
        raise RunFailedError(f"{len(written)} updates in {seconds:.0f} s are too few")
    spent = usage.between(begin, begin + seconds)
    figures: Figures = {
        **percentiles(written.latencies_ms),
        "updates": len(written),
        "cores": round(spent.pop(CPU) / seconds, 2),
        "memory_mb": usage.now_bytes >> 20,
    }
    return figures | _told(spent, int(rate * seconds), seconds)


def _told(spent: dict[str, float], events: int, seconds: float) -> Figures:
    """What our own jobs say: batches, and where the time went (seconds per million events, share of wall time)."""
    figures: Figures = {}
    if BATCHES in spent:
        figures["events_per_batch"] = round(events / max(1, spent.pop(BATCHES)))
    if spent:
        figures["phase_seconds_per_million"] = {name: round(s / events * 1e6, 2) for name, s in spent.items()}
        figures["phase_shares"] = {name: round(s / seconds, 3) for name, s in spent.items()}
    return figures
