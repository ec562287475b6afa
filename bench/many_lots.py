"""The operator with many lots: how soon a lot is made and ready, lots per second, requests, memory, a restart.

A real API server and controller manager; a stand-in reports pods as running, another one topics as made. All of them
share the machine with the operator. Results go to bench/results/many_lots.json.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from report import RESULTS, main_of, settings_of, show, write
from running import RunFailedError

from parking_operator.cluster.resources import CHILDREN, KAFKA_TOPICS
from parking_operator.settings import Settings
from tests.support.cluster import crds
from tests.support.cluster.api import Api
from tests.support.cluster.chart import grant
from tests.support.cluster.control_plane import OwnControlPlane, own_control_plane
from tests.support.cluster.lots import LotInCluster
from tests.support.cluster.operator import OperatorProcess
from tests.support.cluster.stand_in_kubelet import StandInKubelet
from tests.support.cluster.watching import Key, StandIn, Watched

LOT = "parking.dev/v1alpha1", "ParkingLot"
SMALL = {"sessions": {"engine": "Embedded"}, "gateway": {"replicas": 1}, "kafka": {"replicas": 1}}


class StandInTopics(StandIn):
    """Says of every KafkaTopic that it is made."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._topics = self.watch(Watched(*KAFKA_TOPICS.kind))

    def reconcile(self, key: Key) -> None:
        """Write the status, once."""
        topic = self._topics.get(key)
        if topic and "status" not in topic and "deletionTimestamp" not in topic["metadata"]:
            ready = {"type": "Ready", "status": "True"}
            self.api.merge(topic, {"status": {"conditions": [ready], "observedGeneration": 1}}, subresource="status")


@dataclass(frozen=True)
class Place:
    """Where the benchmark runs."""

    plane: OwnControlPlane
    operator: OperatorProcess
    arguments: tuple[str, ...]

    def lot(self, number: int, namespace: str) -> LotInCluster:
        """Name a lot."""
        return LotInCluster(self.plane.api, Settings.from_argv(self.arguments).site, namespace, f"lot-{number}")

    def requests(self) -> float:
        """Count the operator's requests so far, watches left out."""
        return self.operator.metric("parking_operator_api_requests_total")


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results."""
    options = _options(argv)
    with _place() as place:
        results = {
            "one_by_one": _one_by_one(place, options.one_by_one),
            "at_once": _at_once(place, options.lots),
            "steady": _steady(place, options.seconds),
            "restart": _restart(place, options.lots),
        }
    write(options.output, {**results, "settings": settings_of(options)})
    rows = [(part, name, value) for part, figures in results.items() for name, value in figures.items()]
    show(("", "figure", "value"), rows)
    return 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lots", type=int, default=500, help="lots created at once")
    parser.add_argument("--one-by-one", type=int, default=50, help="lots created one after the other before")
    parser.add_argument("--seconds", type=float, default=120, help="length of the steady part")
    parser.add_argument("--output", type=Path, default=RESULTS / "many_lots.json")
    return parser.parse_args(argv)


@contextmanager
def _place() -> Iterator[Place]:
    base = (crds.PARKING_LOT, crds.KAFKA_TOPIC, crds.SPARK_APPLICATION, crds.HTTP_ROUTE)
    with tempfile.TemporaryDirectory() as folder, own_control_plane(Path(folder), *base) as plane:
        namespace = plane.namespace("parking-system")
        account, arguments = grant(plane.api, namespace)
        operator = OperatorProcess(
            plane.kubeconfig_for(namespace, account), Path(folder), *arguments, audit_seconds=120
        )
        with StandInKubelet(plane.api), StandInTopics(plane.api), operator.at_work():
            yield Place(plane, operator, arguments)


def _one_by_one(place: Place, count: int) -> dict[str, float]:
    applied, ready = [], []
    namespace = place.plane.namespace("one-by-one")
    for number in range(count):
        lot = place.lot(number, namespace)
        began = time.perf_counter()
        lot.create(**_spec(namespace))
        _wait(lambda lot=lot: lot.conditions() and not lot.differences())
        applied.append(time.perf_counter() - began)
        lot.wait_for("Ready")
        ready.append(time.perf_counter() - began)
    return {**_times("applied", applied), **_times("ready", ready)}


def _at_once(place: Place, count: int) -> dict[str, float]:
    """Create lots as fast as the API server takes them; applied and ready count from the first."""
    namespace = place.plane.namespace("at-once")
    requests, passes = place.requests(), place.operator.metric("parking_operator_reconcile_total")
    before = place.operator.metric("parking_operator_lot_ready")
    began = time.perf_counter()
    for number in range(count):
        place.lot(number, namespace).create(**_spec(namespace))
    created = time.perf_counter() - began
    _wait(lambda: _told(place, namespace) == count, pause=2)  # to look is work for the API server
    applied = time.perf_counter() - began
    _wait(lambda: place.operator.metric("parking_operator_lot_ready") == before + count, timeout=300, pause=0.5)
    ready = time.perf_counter() - began
    place.operator.wait_until_quiet()
    return {
        "seconds_to_create": round(created, 1),
        "seconds_until_applied": round(applied, 1),
        "seconds_until_ready": round(ready, 1),
        "lots_applied_per_second": round(count / applied, 1),
        "children_per_lot": _children(place, namespace) / count,
        "requests_per_lot": round((place.requests() - requests) / count, 1),
        "passes_per_lot": round((place.operator.metric("parking_operator_reconcile_total") - passes) / count, 1),
        "memory_mb": _memory(place),
    }


def _steady(place: Place, seconds: float) -> dict[str, float]:
    requests, cpu = place.requests(), psutil.Process(place.operator.pid).cpu_times()
    time.sleep(seconds)
    after = psutil.Process(place.operator.pid).cpu_times()
    used = after.user + after.system - cpu.user - cpu.system
    return {
        "seconds": seconds,
        "requests": place.requests() - requests,
        "cores": round(used / seconds, 3),
        "memory_mb": _memory(place),
    }


def _restart(place: Place, count: int) -> dict[str, float]:
    before = _versions(place)
    place.operator.stop()
    mark = place.plane.audit_mark()
    began = time.perf_counter()
    place.operator.start()
    place.operator.wait_until_ready()
    _wait(lambda: place.operator.metric("parking_operator_reconcile_total") >= count)
    place.operator.wait_until_quiet()
    quiet = time.perf_counter() - began - 1.0  # what wait_until_quiet watches for
    changed = sum(before.get(name) != version for name, version in _versions(place).items())
    writes = sum(r.writes and r.user_agent == "parking-operator" for r in place.plane.requests_since(mark))
    return {"seconds_to_quiet": round(quiet, 1), "children_changed": changed, "writes": writes}


def _spec(namespace: str) -> dict[str, object]:
    return {**SMALL, "kafka": {**SMALL["kafka"], "cluster": {"name": "main", "namespace": namespace}}}


def _told(place: Place, namespace: str) -> int:
    return sum("status" in lot for lot in place.plane.api.list(*LOT, namespace))


def _children(place: Place, namespace: str) -> int:
    labels = "app.kubernetes.io/managed-by=parking-operator"
    return sum(len(place.plane.api.list(*resource.kind, namespace, labels=labels)) for resource in CHILDREN)


def _versions(place: Place) -> dict[tuple[str, str], tuple[str, int]]:
    """Give uid and generation of every child."""
    labels = "app.kubernetes.io/managed-by=parking-operator"
    every = (body for resource in CHILDREN for body in place.plane.api.list(*resource.kind, labels=labels))
    return {
        (body["kind"], f"{body['metadata']['namespace']}/{body['metadata']['name']}"): (
            body["metadata"]["uid"],
            body["metadata"].get("generation", 0),
        )
        for body in every
    }


def _memory(place: Place) -> int:
    return round(psutil.Process(place.operator.pid).memory_info().rss / 2**20)


def _times(name: str, seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
    return {f"{name}_p50_ms": round(statistics.median(ordered) * 1000), f"{name}_p99_ms": round(p99 * 1000)}


def _wait(fact: Callable[[], object], *, timeout: float = 900, pause: float = 0.05) -> None:
    deadline = time.monotonic() + timeout
    while not fact():
        if time.monotonic() > deadline:
            raise RunFailedError(f"not within {timeout:.0f} s")
        time.sleep(pause)


if __name__ == "__main__":
    sys.exit(main_of(main))
