"""Who runs in the session benchmarks: both engines of ours and others, as processes of their own on the same topics."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
JOBS = HERE / "jobs"
SHARDS = 2
SMALL_JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


@dataclass(frozen=True)
class Contender:
    """A contender: how it is started, and how many events it gets so that its run takes about half a minute.

    ``spark``: the Spark settings of its deployment, None for what is no Spark job; ``memory``: its heap.
    ``document``: what its document says other than the usual. ``settings``: what a job of bench/jobs is told beyond
    the usual.
    """

    name: str
    events: int
    argv: tuple[str, ...]
    spark: Mapping[str, str] | None = None
    jvm: str = ""
    memory: str = "2g"
    document: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    processes: int = 1
    has_probe: bool = False
    keeps_up: bool = True


_PYTHON = sys.executable
_QUIX = (str(HERE / "quix" / ".venv" / "bin" / "python"), str(JOBS / "quix_job.py"))
_PER_KEY = (_PYTHON, str(JOBS / "per_key.py"))
_OURS = (_PYTHON, "-m", "parking_jobs.sessions", "--config", "{config}", "--probe-port", "{port}")


def spark_engine(shards: int = SHARDS, name: str = "ours", memory: str = "2g") -> Contender:
    """Our job on Spark, two local cores."""
    document = {"engine": "Spark", "delivery": "AtLeastOnce", "shards": shards}
    return Contender(name, 1_000_000, _OURS, spark={}, jvm=SMALL_JVM, memory=memory, document=document, has_probe=True)


def embedded_engine(delivery: str = "ExactlyOnce", processes: int = 1, name: str = "embedded") -> Contender:
    """Our job in processes of its own."""
    document = {"engine": "Embedded", "delivery": delivery}
    argv = (*_OURS, "--instance", "{instance}")
    return Contender(name, 2_000_000, argv, document=document, processes=processes, has_probe=True)


CONTENDERS = (
    spark_engine(),
    embedded_engine(),
    embedded_engine("AtLeastOnce", name="embedded_at_least_once"),
    # As public implementations run it: Spark's own defaults, 200 shuffle partitions among them.
    Contender("per_key", 30_000, _PER_KEY, spark={}, keeps_up=False),
    # The same code with the deployment settings that we give ourselves.
    Contender(
        "per_key_tuned",
        40_000,
        _PER_KEY,
        spark={"spark.sql.shuffle.partitions": str(SHARDS)},
        jvm=SMALL_JVM,
        keeps_up=False,
    ),
    Contender("bytewax", 500_000, (_PYTHON, "-m", "bytewax.run", "bytewax_job:flow")),
    Contender("quixstreams", 300_000, _QUIX, settings={"guarantee": "at-least-once"}),
    Contender("quixstreams_exactly_once", 300_000, _QUIX, settings={"guarantee": "exactly-once"}),
    Contender("plain_loop", 1_000_000, (_PYTHON, str(JOBS / "plain_loop.py"))),
)
