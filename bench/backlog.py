"""A million events waiting, a hundred thousand open sessions: do batches or memory grow while the job works it off?

Writes bench/results/backlog.json: seconds per batch in order, and the job's memory (proportional share) beside them.
"""

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from contenders import CONTENDERS, Contender, Task, end
from events import create_topic, make_events, send
from measure import Usage

from parking_local.broker import Broker, BrokerSettings
from parking_local.ports import free_port

RESULTS = Path(__file__).parent / "results"
PARTITIONS = 6
BATCH = re.compile(r"batch=(\d+) rows=(\d+) rows_per_s=\d+ seconds=([\d.]+) lag=(\d+) open_sessions=(\d+)")


def main(argv: Sequence[str]) -> int:
    """Run it once and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--plates", type=int, default=100_000)
    options = parser.parse_args(argv)
    ours = next(c for c in CONTENDERS if c.name == "ours")
    with tempfile.TemporaryDirectory(prefix="parking-bench-") as name:
        broker = Broker(BrokerSettings(port=free_port(), data_dir=Path(name) / "kafka"))
        broker.start()
        try:
            results = _run(ours, broker.bootstrap_servers, Path(name), options)
        finally:
            broker.stop()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "backlog.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))
    return 0


def _run(ours: Contender, bootstrap: str, folder: Path, options: argparse.Namespace) -> dict[str, object]:
    for topic, partitions in (("out", PARTITIONS), ("bench-quarantine", 1), ("in", PARTITIONS)):
        create_topic(bootstrap, topic, partitions)
    task = Task(bootstrap, "in", "out", PARTITIONS, options.plates, folder / "ours")
    send(bootstrap, "in", make_events(options.events, options.plates, seed=1))
    process = ours.start(task)
    log, batches, memory = task.folder / "log", [], []
    deadline = time.monotonic() + 300
    try:
        with Usage(process.pid) as usage:
            while sum(rows for rows, _, _ in batches) < options.events:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(log.read_text()[-2_000:])
                time.sleep(0.5)
                found = BATCH.findall(log.read_text())
                batches = [
                    (int(rows), float(seconds), int(is_open)) for _, rows, seconds, _, is_open in found if int(rows)
                ]
                memory.append((len(batches), usage.now_bytes))
    finally:
        end(process)
    mb = [max((m for count, m in memory if count == n), default=0) >> 20 for n in range(len(batches) + 1)]
    seconds = [s for _, s, _ in batches]
    third = max(1, len(seconds) // 3)
    return {
        "ratios": {
            "last_third_by_first": round(
                statistics.median(seconds[-third:]) / statistics.median(seconds[1 : third + 1]), 2
            )
        },
        "batch_seconds": seconds,
        "rows": [rows for rows, _, _ in batches],
        "open_sessions": [is_open for _, _, is_open in batches],
        "memory_mb": mb,
        "peak_memory_mb": usage.peak_bytes >> 20,
        "settings": {"events": options.events, "plates": options.plates},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
