"""What the cameras' probe shows under /metrics."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from parking.event import StatusCode
from parking_simulators.live import Live
from parking_simulators.publish import Publisher
from parking_simulators.times import SECOND


class CameraMetrics(Collector):
    """Reads the counts when asked, so that counting costs the sender nothing."""

    def __init__(self, live: Live, publisher: Publisher) -> None:
        self._live = live
        self._publisher = publisher

    def collect(self) -> Iterator[Metric]:
        """Give every figure."""
        sent = CounterMetricFamily("parking_camera_events_sent", "Events handed to the producer", labels=["status"])
        for status in StatusCode:
            sent.add_metric([status], self._live.sent[status])
        yield sent
        yield CounterMetricFamily(
            "parking_camera_events_delivered", "Events the brokers took", value=self._publisher.delivered
        )
        yield CounterMetricFamily(
            "parking_camera_delivery_errors", "Events lost on their way to the brokers", value=self._publisher.lost
        )
        yield CounterMetricFamily(
            "parking_camera_skipped_seconds", "Time left out after falling behind", value=self._live.skipped / SECOND
        )
        yield GaugeMetricFamily(
            "parking_camera_queue_depth", "Events waiting for the brokers", value=self._publisher.queue_depth
        )
        yield GaugeMetricFamily("parking_camera_cars_present", "Cars in view", value=self._live.cars())


def exposition(metrics: Collector) -> Callable[[], bytes]:
    """Give a function that writes the figures in Prometheus' text form."""
    registry = CollectorRegistry()
    registry.register(metrics)
    return lambda: generate_latest(registry)
