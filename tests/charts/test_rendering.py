"""What the chart renders: golden files, and what holds for every case."""

import json
from pathlib import Path

import pytest
import yaml

from tests.charts.helm import (
    CASES,
    CHART,
    CRD_FILE,
    DASHBOARD_FILE,
    ROOT,
    helm,
    lint,
    manifests,
    pick,
    pods,
    rendered_case,
    template,
)

pytestmark = pytest.mark.cluster

GOLDEN = ROOT / "tests" / "golden" / "chart"


@pytest.mark.parametrize("case", CASES)
def test_lint(case: str) -> None:
    assert "0 chart(s) failed" in lint(case)


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, request: pytest.FixtureRequest) -> None:
    # The definition and the dashboard are files put in as they are: tested below, not kept a second time.
    rendered = template("--set", "crds.install=false,monitoring.dashboard.enabled=false", case=case)
    golden = GOLDEN / f"{case}.yaml"
    if request.config.getoption("--update-golden"):
        golden.write_text(rendered)
    assert rendered == golden.read_text()


def test_the_definition_is_the_file_with_the_charts_labels() -> None:
    rendered = pick(rendered_case("everything"), "CustomResourceDefinition")
    labels = rendered["metadata"].pop("labels")
    assert rendered == yaml.safe_load(CRD_FILE.read_text())
    assert rendered["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert labels["app.kubernetes.io/managed-by"] == "Helm"
    assert labels["example.org/team"] == "parking"


def test_the_dashboard_is_the_file() -> None:
    rendered = pick(rendered_case("everything"), "ConfigMap", "-dashboard")
    assert json.loads(rendered["data"]["parking.json"]) == json.loads(DASHBOARD_FILE.read_text())
    assert rendered["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_the_definition_can_be_left_to_others() -> None:
    kinds = {manifest["kind"] for manifest in manifests(template("--set", "crds.install=false"))}
    assert "CustomResourceDefinition" not in kinds
    assert "Deployment" in kinds


@pytest.mark.parametrize("case", CASES)
def test_extra_labels_are_on_everything_and_replace_nothing(case: str) -> None:
    rendered = manifests(
        template("--set", r"extraLabels.extra=yes,extraLabels.app\.kubernetes\.io/instance=never", case=case)
    )
    for manifest in [*rendered, *pods(rendered)]:
        labels = manifest["metadata"]["labels"]
        assert labels["extra"] == "yes", manifest["metadata"]["name"]
        assert labels["app.kubernetes.io/instance"] == "parking", manifest["metadata"]["name"]


def test_a_new_version_of_the_chart_alone_restarts_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "parking"
    for source in (path for path in CHART.rglob("*") if path.is_file()):
        target = copy / source.relative_to(CHART)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text().replace("version: 0.1.0\nappVersion", "version: 9.9.9\nappVersion"))
    newer = manifests(helm("template", "parking", copy, "-n", "parking-system", "--kube-version", "1.34.0"))
    assert pick(newer, "Deployment")["metadata"]["labels"]["helm.sh/chart"] == "parking-9.9.9"
    assert pick(newer, "Deployment")["spec"] == pick(rendered_case("default"), "Deployment")["spec"]


def test_the_longest_names_fit() -> None:
    release = "r" * 53  # Helm allows no longer ones
    for manifest in manifests(helm("template", release, CHART, "-n", "n" * 63, "--kube-version", "1.34.0")):
        name, labels = manifest["metadata"]["name"], manifest["metadata"]["labels"]
        assert len(name) <= 63
        assert all(len(value) <= 63 for value in labels.values())


def test_two_namespaced_releases_share_no_name() -> None:
    def names(namespace: str) -> set[tuple[str, str, str]]:
        values = "rbac.scope=namespaced,crds.install=false"
        rendered = manifests(template("--set", values, namespace=namespace))
        return {(m["kind"], m["metadata"].get("namespace", ""), m["metadata"]["name"]) for m in rendered}

    assert not names("team-a") & names("team-b")
