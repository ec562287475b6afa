"""The dashboard and the alerts ask for figures that there are."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from parking_jobs.sessions.progress import Progress
from parking_operator.metrics import Metrics
from parking_simulators.camera import Cameras
from parking_simulators.live import Live
from parking_simulators.metrics import CameraMetrics, exposition
from parking_simulators.publish import Publisher
from tests.charts.helm import CHART, DASHBOARD_FILE, ROOT, pick, rendered_case
from tests.support.cameras import START, FakeClock, cameras_document
from tests.support.live_gateway import served_gateway

_METRIC = re.compile(r"\b(parking_[a-z_]+)(?=[{\[ )<>]|$)")
_GUIDE = ROOT / "docs" / "guide" / "chart.md"


@pytest.fixture(scope="module")
def figures() -> dict[str, set[str]]:
    """Every name that the programs give a figure, as queries name it, with its labels."""
    document = cameras_document()
    publisher = Publisher(document.bootstrap_servers, document.topic)
    live = Live(Cameras(document), FakeClock(stop_at=START), publisher.send, publisher.serve)
    jobs, operator = Progress(), Metrics()
    operator.show(lots=lambda: {("a", "b"): True}, queue_length=lambda: 0, behind=lambda: {"Pod": 1.0})
    operator.count_pass(0.1, None)
    operator.count_request("GET", 200)
    with jobs.phase("fold"):
        pass
    with served_gateway() as gateway:
        texts = [gateway.get("/metrics").text]
    texts += [text.decode() for text in (jobs.metrics(), operator.text(), exposition(CameraMetrics(live, publisher))())]
    return {sample[0]: labels for text in texts for sample, labels in _samples(text)}


def _samples(text: str) -> Iterator[tuple[tuple[str], set[str]]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield (sample.name,), set(sample.labels)


def _dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD_FILE.read_text())
    return found


def _asked(text: str) -> set[str]:
    return set(_METRIC.findall(text))


def test_the_dashboard_asks_for_what_there_is(figures: dict[str, set[str]]) -> None:
    expressions = [target["expr"] for panel in _dashboard()["panels"] for target in panel.get("targets", [])]
    asked = {name for expression in expressions for name in _asked(expression)}
    assert asked <= figures.keys()
    shown_otherwise = re.compile(r"_(created|sum|count)$|_rows_per_second$")
    assert {name for name in figures if name.startswith("parking_") and not shown_otherwise.search(name)} <= asked


def test_the_dashboard_can_be_laid_out() -> None:
    panels = _dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert place["x"] + place["w"] <= 24
        assert not taken & cells, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or panel["targets"], panel["title"]


def test_the_dashboard_names_labels_that_there_are(figures: dict[str, set[str]]) -> None:
    by_scrape = {"namespace", "lot", "component", "le"}
    for panel in _dashboard()["panels"]:
        for target in panel.get("targets", []):
            known = by_scrape.union(*(figures[name] for name in _asked(target["expr"])))
            grouped = {label for found in re.findall(r"by \(([^)]*)\)", target["expr"]) for label in found.split(", ")}
            shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert grouped <= known, target["expr"]
            assert shown <= grouped, target["expr"]


@pytest.mark.cluster
def test_the_alerts_ask_for_what_there_is_and_say_what_to_do(figures: dict[str, set[str]]) -> None:
    guide = _GUIDE.read_text()
    rule = pick(rendered_case("everything"), "PrometheusRule")
    alerts = [alert for group in rule["spec"]["groups"] for alert in group["rules"]]
    assert len(alerts) >= 4
    for alert in alerts:
        assert _asked(alert["expr"]) <= figures.keys()
        anchor = alert["annotations"]["runbook_url"].removeprefix("https://docs.example.org/chart.md#")
        assert anchor == alert["alert"].lower()
        assert f"\n### {alert['alert']}\n" in guide


def test_every_alert_of_the_guide_is_one() -> None:
    told = set(re.findall(r"^### (Parking\w+)$", _GUIDE.read_text(), re.MULTILINE))
    made = set(re.findall(r"- alert: (\w+)", (CHART / "templates" / "prometheusrule.yaml").read_text()))
    assert told == made
