"""What the road's probe shows under /metrics."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from parking_simulators.publish import Publisher
from parking_simulators.road.claims import Claims
from parking_simulators.road.live import LiveRoad
from parking_simulators.times import SECOND


class RoadMetrics(Collector):
    """Reads the counts when asked, so that counting costs the sender nothing."""

    def __init__(self, live: LiveRoad, claims: Claims, publisher: Publisher) -> None:
        self._live = live
        self._claims = claims
        self._publisher = publisher

    def collect(self) -> Iterator[Metric]:
        """Give every figure."""
        sent = CounterMetricFamily("parking_road_records_sent", "Records handed to the producer", labels=["topic"])
        for topic, records in self._live.sent.items():
            sent.add_metric([topic], records)
        yield sent
        live, publisher = self._live, self._publisher
        for name, description, value in (
            ("records_delivered", "Records the brokers took", publisher.delivered),
            ("delivery_errors", "Records lost on their way to the brokers", publisher.lost),
            ("snapshots_lost", "Snapshots, and their records, that the store did not take", self._claims.lost),
            ("vehicles_arrived", "Vehicles that reached the lot", live.arrived),
            ("vehicles_parked", "Vehicles that parked there", live.parked),
            ("skipped_seconds", "Time left out after falling behind", live.skipped / SECOND),
        ):
            yield CounterMetricFamily(f"parking_road_{name}", description, value=value)
        on_the_way, present = live.census()
        for name, description, value in (
            ("queue_depth", "Records waiting for the brokers", publisher.queue_depth),
            ("snapshots_waiting", "Snapshots on their way to the store", self._claims.waiting),
            ("vehicles_on_the_way", "Vehicles between A and the lot", on_the_way),
            ("vehicles_present", "Vehicles that stand in the lot", present),
        ):
            yield GaugeMetricFamily(f"parking_road_{name}", description, value=value)
