"""What a small lot costs at rest, pod by pod, on a cluster of one node: CPU and memory as the kubelet counts them.

Takes the cluster that `make cluster` started, or starts one for the time. A lot per engine, one after the other, with
its simulated cameras and then with none and all sessions ended. Results go to bench/results/footprint.json.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from report import RESULTS, main_of, settings_of, show, write

from tests.support.images import ensure_images
from tests.support.node import cluster
from tests.support.node.place import NODE, Place
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import LOTS, Stack, stack_of

EXAMPLES = Path(__file__).parent.parent / "examples"
LOTS_BY_ENGINE = {"embedded": "embedded.yaml", "spark": "small.yaml"}
WARM_SECONDS = 30
Figures = dict[str, dict[str, float]]


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="length of each part")
    parser.add_argument("--only", nargs="+", default=list(LOTS_BY_ENGINE), choices=list(LOTS_BY_ENGINE))
    parser.add_argument("--output", type=Path, default=RESULTS / "footprint.json")
    options = parser.parse_args(argv)
    place = Place.default()
    stays, images = cluster.is_up(place), ensure_images()
    stack = stack_of(cluster.up(place, images), images)
    try:
        stack.install()
        results = {engine: _measure(stack, LOTS_BY_ENGINE[engine], options.seconds) for engine in options.only}
    finally:
        if not stays:
            cluster.down(place)
    write(options.output, {**results, "settings": settings_of(options)})
    for engine, parts in results.items():
        for part, figures in parts.items():
            rows = [(pod, each["cores"], each["memory_mb"], each["working_set_mb"]) for pod, each in figures.items()]
            show((f"{engine}, {part}", "cores", "resident MB", "working set MB"), rows)
    return 0


def _measure(stack: Stack, manifest: str, seconds: float) -> Mapping[str, Figures]:
    """Measure a lot with cameras and without; it is gone afterwards."""
    path = EXAMPLES / manifest
    lot = RunningLot(stack, yaml.safe_load(path.read_text())["metadata"]["name"])
    lot.apply(path)
    try:
        lot.wait_ready(timeout=400)
        time.sleep(WARM_SECONDS)
        busy = _figures(stack, seconds)
        lot.edit(cameras={"source": "External"})
        stack.pods.wait_gone(lot.labels("camera"))
        lot.wait_exact()
        time.sleep(WARM_SECONDS)
        return {"with cameras": busy, "at rest": _figures(stack, seconds)}
    finally:
        stack.tools.kubectl("delete", "lot", lot.name, "--namespace", LOTS, "--timeout=180s")


def _figures(stack: Stack, seconds: float) -> Figures:
    """Give CPU over some seconds and memory after them, by pod."""
    before, began = _summary(stack), time.monotonic()
    time.sleep(seconds)
    after, passed = _summary(stack), time.monotonic() - began
    return {
        name: {
            "cores": round((pod["cpu"] - before[name]["cpu"]) / 1e9 / passed, 3),
            "memory_mb": round(pod["rss"] / 1e6),
            "working_set_mb": round(pod["working_set"] / 1e6),
        }
        for name, pod in sorted(after.items())
        if name in before
    }


def _summary(stack: Stack) -> dict[str, dict[str, float]]:
    """Read the kubelet's own figures: CPU in nanoseconds since a pod's start, memory in bytes."""
    told = stack.api.request("GET", f"/api/v1/nodes/{NODE}/proxy/stats/summary")
    return {
        f"{pod['podRef']['namespace']}/{pod['podRef']['name']}": {
            "cpu": pod["cpu"]["usageCoreNanoSeconds"],
            "rss": pod["memory"]["rssBytes"],
            "working_set": pod["memory"]["workingSetBytes"],
        }
        for pod in told["pods"]
        if "usageCoreNanoSeconds" in pod.get("cpu", {}) and "rssBytes" in pod.get("memory", {})
    }


if __name__ == "__main__":
    sys.exit(main_of(main))
