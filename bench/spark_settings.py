"""What each setting of the Spark engine gives: the job as it is, and with one setting at a time taken away.

Each run has all sessions open and a steady rate; then the cameras fall silent. Variants take turns in every round.
Results go to bench/results/spark_settings.json.
"""

import argparse
import dataclasses
import random
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from batches import batches
from contenders import Contender, spark_engine
from events import Feeder
from measure import percentiles
from report import RESULTS, attempt, main_of, medians, settings_of, show, write
from running import RunFailedError
from runs import opened, steady_traffic
from stage import Stage, stage
from usage import CPU, Usage

WARM_SECONDS, DRAIN_SECONDS, IDLE_SECONDS = 7, 3, 6
_DAEMON = "spark.python.daemon.module"
_FILES = "spark.sql.streaming.checkpointFileManagerClass"
_ALL = {_DAEMON: None, _FILES: None}


def _variant(
    name: str,
    spark: Mapping[str, str | None] | None = None,
    *,
    trigger: str = "500ms",
    shards: int = 2,
    jvm: str | None = None,
) -> Contender:
    """Give our job with some of its settings changed; None takes one away."""
    usual = spark_engine(shards, name)
    argv = (usual.argv[0], "-m", "spark_variant", *usual.argv[3:])
    document = {**usual.document, "trigger": trigger}
    options = usual.jvm if jvm is None else jvm
    return dataclasses.replace(usual, argv=argv, document=document, jvm=options, settings={"spark": dict(spark or {})})


VARIANTS = (
    _variant("as_it_is"),
    _variant("archives_re_read", {_DAEMON: "daemon_warm"}),
    _variant("cold_workers", {_DAEMON: "daemon_patched"}),
    _variant("workers_not_reused", {"spark.python.worker.reuse": "false"}),
    _variant("default_checkpoint_files", {_FILES: None}),
    _variant("default_jvm", jvm=""),
    _variant("trigger_0", trigger="0ms"),
    _variant("trigger_1s", trigger="1s"),
    _variant("shards_1", shards=1),
    _variant("shards_4", shards=4),
    _variant("none_of_them", _ALL, jvm=""),
)


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results; 1 if a run failed."""
    options = _options(argv)
    chosen = [variant for variant in VARIANTS if variant.name in options.only]
    rounds: dict[str, list[dict | None]] = {variant.name: [] for variant in chosen}
    with stage() as here:
        for number in range(options.rounds):
            # An order of its own in each round: what runs first finds the machine cold.
            for variant in random.Random(number).sample(chosen, len(chosen)):
                title = f"round {number + 1} {variant.name}"
                rounds[variant.name].append(attempt(title, _run, variant, here, options, number))
    found = {name: medians(runs) for name, runs in rounds.items()}
    write(options.output, {"medians": found, "rounds": rounds, "settings": settings_of(options)})
    header = ("batch_ms", "p50", "p95", "p99", "cores", "idle_cores")
    show(("", *header), [(name, *((figures or {}).get(f) for f in header)) for name, figures in found.items()])
    return int(any(None in runs for runs in rounds.values()))


def _options(argv: Sequence[str]) -> argparse.Namespace:
    names = [variant.name for variant in VARIANTS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--plates", type=int, default=10_000, help="open sessions")
    parser.add_argument("--rate", type=int, default=1_000, help="events/s")
    parser.add_argument("--seconds", type=float, default=12, help="what is measured of each run")
    parser.add_argument("--only", nargs="+", default=names, choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--output", type=Path, default=RESULTS / "spark_settings.json")
    return parser.parse_args(argv)


def _run(variant: Contender, here: Stage, options: argparse.Namespace, number: int) -> dict[str, float]:
    steady = steady_traffic(options.plates, options.rate * (WARM_SECONDS + options.seconds + 1), number)
    with opened(variant, here, plates=options.plates, seed=number) as (task, running, output):
        with Usage(running.pids) as usage:
            with Feeder(task.bootstrap, task.raw, steady, options.rate):
                output.read(WARM_SECONDS)
                logged, begin = running.log.stat().st_size, time.time()
                written = output.read(options.seconds)
                lines = running.log.read_text()[logged:]
            output.read(DRAIN_SECONDS)
            silence = time.time()
            time.sleep(IDLE_SECONDS)
        running.check()
    done = batches(lines)
    if len(done) < 2 or len(written) < 100:
        raise RunFailedError(f"{len(done)} batches with {len(written)} updates are too few")
    figures = {"batch_ms": round(statistics.median(batch.seconds for batch in done) * 1_000), "batches": len(done)}
    cores = usage.between(begin, begin + options.seconds)[CPU] / options.seconds
    idle = usage.between(silence, silence + IDLE_SECONDS)[CPU] / IDLE_SECONDS
    return figures | percentiles(written.latencies_ms) | {"cores": round(cores, 2), "idle_cores": round(idle, 3)}


if __name__ == "__main__":
    sys.exit(main_of(main))
