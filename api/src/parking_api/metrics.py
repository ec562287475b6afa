"""The gateway's figures for Prometheus, read from its objects when they are asked for."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from parking_api.audience import Audience
from parking_api.fanout import Fanout
from parking_api.live import Live
from parking_api.road_traffic import RoadTraffic
from parking_api.view import LotView
from parking_api.wire import Packet

OUTCOMES = ("updated", "stale", "foreign", "invalid")


class GatewayCollector(Collector):
    """Reads all figures at the moment of a scrape."""

    def __init__(
        self, *, view: LotView, live: Live, fanout: Fanout[Packet, Audience], traffic: RoadTraffic | None = None
    ) -> None:
        self._view = view
        self._traffic = traffic
        self._live = live
        self._fanout = fanout

    def collect(self) -> Iterator[Metric]:
        """Give every figure."""
        records = CounterMetricFamily(
            "parking_gateway_records", "Records read, by what became of them", labels=["outcome"]
        )
        for outcome in OUTCOMES:
            records.add_metric([outcome], self._live.records[outcome])
        yield records
        fanout, view, status = self._fanout, self._view, self._live.status
        for name, text, count in (
            ("clients_dropped", "Clients dropped because they lagged", fanout.dropped),
            ("messages_coalesced", "Waiting messages replaced by newer ones", fanout.coalesced),
        ):
            yield CounterMetricFamily(f"parking_gateway_{name}", text, value=count)
        for name, text, value in (
            ("ready", "1 when the table is rebuilt and the broker answers", status.ready),
            ("lag_records", "Records on the topic that are not read yet", status.lag),
            ("clients", "Connected clients", fanout.clients),
            ("messages_waiting", "Messages waiting in the mailboxes of all clients", fanout.waiting),
            ("open_sessions", "Open sessions", view.open_count),
            ("busy_bays", "Bays with a car", view.busy_count),
        ):
            yield GaugeMetricFamily(f"parking_gateway_{name}", text, value=value)
        yield from self._road()

    def _road(self) -> Iterator[Metric]:
        if self._traffic is None:
            return
        records = CounterMetricFamily(
            "parking_gateway_road_records", "Records of the road read, by what became of them", labels=["outcome"]
        )
        for outcome in ("seen", "refused"):
            records.add_metric([outcome], self._traffic.records[outcome])
        yield records
        told = "Vehicles on their way to the lot"
        yield GaugeMetricFamily("parking_gateway_road_vehicles", told, value=self._traffic.road.count)


def registry_of(collector: Collector) -> CollectorRegistry:
    """Make a registry of its own, so that two gateways in one process do not meet."""
    registry = CollectorRegistry()
    registry.register(collector)
    return registry
