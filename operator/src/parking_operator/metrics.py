"""What the operator says of itself to Prometheus."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counters of what was done; what is, is asked for when somebody looks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._passes = Counter(
            "parking_operator_reconcile", "Passes over lots, by how they ended", ["result"], registry=self.registry
        )
        self._seconds = Histogram(
            "parking_operator_reconcile_seconds", "Duration of a pass", buckets=_BUCKETS, registry=self.registry
        )
        self._requests = Counter(
            "parking_operator_api_requests",
            "Requests to the API server, watches not counted; code 0 stands for no answer",
            ["verb", "code"],
            registry=self.registry,
        )

    def count_pass(self, seconds: float, error: Exception | None) -> None:
        """Note a pass over a lot."""
        self._passes.labels("failed" if error else "ok").inc()
        self._seconds.observe(seconds)

    def count_request(self, method: str, code: int) -> None:
        """Note a request and its answer."""
        self._requests.labels(method, str(code)).inc()

    def text(self) -> bytes:
        """Give everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def show(
        self,
        *,
        lots: Callable[[], Mapping[tuple[str, str], bool]],
        queue_length: Callable[[], int],
        behind: Callable[[], Mapping[str, float]],
    ) -> None:
        """Have the present state shown: whether each lot is ready, what waits, and how far watches are behind."""
        self.registry.register(_Present(lots, queue_length, behind))


class _Present(Collector):
    def __init__(
        self,
        lots: Callable[[], Mapping[tuple[str, str], bool]],
        queue_length: Callable[[], int],
        behind: Callable[[], Mapping[str, float]],
    ) -> None:
        self._lots, self._queue_length, self._behind = lots, queue_length, behind

    def collect(self) -> Iterable[Metric]:
        lots = self._lots()
        yield GaugeMetricFamily("parking_operator_lots", "Lots looked after", value=len(lots))
        yield GaugeMetricFamily("parking_operator_queue_length", "Lots due for a pass", value=self._queue_length())
        ready = GaugeMetricFamily(
            "parking_operator_lot_ready",
            "Whether a lot is ready; suspended ones are left out",
            labels=["namespace", "lot"],
        )
        for key, is_ready in lots.items():
            ready.add_metric(list(key), float(is_ready))
        yield ready
        behind = GaugeMetricFamily(
            "parking_operator_watch_behind_seconds", "For how long a watch has owed a change", labels=["kind"]
        )
        for kind, seconds in self._behind().items():
            behind.add_metric([kind], seconds)
        yield behind
