"""Wrong values are refused, by their place and with what is allowed."""

import json
from typing import Any

import pytest
import yaml

from tests.charts.helm import CASES, CHART, VALUES, HelmError, template

REFUSED = [
    ("oprator.workers=2", "at '': additional properties 'oprator' not allowed"),
    ("operator.worker=2", "at '/operator': additional properties 'worker' not allowed"),
    ("operator.workers=0", "at '/operator/workers': minimum: got 0, want 1"),
    ("operator.workers=two", "at '/operator/workers': got string, want integer"),
    ("operator.resyncSeconds=100000", "at '/operator/resyncSeconds': maximum: got 100,000, want 86,400"),
    ("operator.terminationGracePeriodSeconds=60", "maximum: got 60, want 55"),
    ("operator.resources.limits.memory=lots", "at '/operator/resources/limits/memory': 'lots' does not match pattern"),
    ("operator.podLabels.team=a b", "at '/operator/podLabels/team': 'a b' does not match pattern"),
    ("operator.affinity.podAntiAfinity.x=1", "additional properties 'podAntiAfinity' not allowed"),
    ("image.pullPolicy=Sometimes", "value must be one of 'Always', 'IfNotPresent', 'Never'"),
    ("image.operator.digest=sha256:12", "at '/image/operator/digest': 'sha256:12' does not match pattern"),
    ("image.jobs.repository=Jobs", "at '/image/jobs/repository': 'Jobs' does not match pattern"),
    ("image.jobs.image=jobs", "at '/image/jobs': additional properties 'image' not allowed"),
    ("image.tag=a:b", "at '/image/tag': 'a:b' does not match pattern"),
    ("imagePullSecrets={pull}", "at '/imagePullSecrets/0': got string, want object"),
    ("rbac.scope=all", "at '/rbac/scope': value must be one of 'cluster', 'namespaced'"),
    ("rbac.namespaces={Team_A}", "at '/rbac/namespaces/0': 'Team_A' does not match pattern"),
    ("rbac.namespaces={team-a}", "rbac.namespaces: only with rbac.scope namespaced"),
    ("bootstrapServers=kafka", "at '/bootstrapServers': 'kafka' does not match pattern"),
    ("bootstrapServers=null", "missing property 'bootstrapServers'"),
    ("storageRoot=lots", "at '/storageRoot': 'lots' does not match pattern"),
    ("storageRoot=/var/lib/parking", "at '/storageRoot': '/var/lib/parking' does not match pattern"),
    ("checkpoints.size=1", "at '/checkpoints/size'"),
    ("checkpoints.storageClassName=Not_One", "at '/checkpoints/storageClassName'"),
    ("checkpoints.accessMode=ReadOnlyMany", "value must be one of 'ReadWriteMany', 'ReadWriteOnce'"),
    ("maxReplication=0", "at '/maxReplication': minimum: got 0, want 1"),
    ("gateway.httpGateway=public", "at '/gateway/httpGateway': 'public' does not match pattern"),
    ("gateway.ingressClassName=Not_One", "at '/gateway/ingressClassName'"),
    ("fullnameOverride=Parking", "at '/fullnameOverride': 'Parking' does not match pattern"),
    ("crds.install=maybe", "at '/crds/install': got string, want boolean"),
    ("crds.keep=false", "at '/crds': additional properties 'keep' not allowed"),
    ("uninstall.activeDeadlineSeconds=0", "at '/uninstall/activeDeadlineSeconds': minimum: got 0, want 10"),
    ("monitoring.serviceMonitor.interval=often", "at '/monitoring/serviceMonitor/interval'"),
    ("monitoring.prometheusRule.runbookUrl=docs", "at '/monitoring/prometheusRule/runbookUrl'"),
    ("networkPolicy.from[0].podSelctor.x=1", "additional properties 'podSelctor' not allowed"),
    ("strimzi.namespaces=kafka", "at '/strimzi/namespaces': got string, want array"),
]


@pytest.mark.cluster
@pytest.mark.parametrize(("wrong", "told"), REFUSED, ids=[wrong for wrong, _ in REFUSED])
def test_wrong_values_are_refused(wrong: str, told: str) -> None:
    with pytest.raises(HelmError) as refused:
        template("--set", wrong)
    assert told in str(refused.value)


@pytest.mark.cluster
def test_every_wrong_value_is_told_at_once() -> None:
    with pytest.raises(HelmError) as refused:
        template("--set", "operator.workers=0,maxReplication=0")
    assert "/operator/workers" in str(refused.value)
    assert "/maxReplication" in str(refused.value)


def test_the_schema_is_strict_everywhere() -> None:
    open_objects = sorted(path for path, told in _objects(_schema()) if "additionalProperties" not in told)
    # What Kubernetes itself checks, and what a chart around this one gives.
    theirs = ("/global", "/items", "Affinity", "podSelector", "namespaceSelector", "ipBlock")
    assert [path for path in open_objects if not path.endswith(theirs)] == []


def test_every_value_is_in_the_schema_and_every_property_has_a_value() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    described = set(_paths(_schema()))
    given = set(_given(values))
    assert {path for path in given if not _is_described(path, described)} == set()
    optional = {"/global", *(path for path in described if "Affinity" in path)}
    assert {path for path in described if not any(g == path or g.startswith(f"{path}/") for g in given)} == optional


@pytest.mark.parametrize("case", CASES)
def test_the_cases_give_no_value_that_the_chart_does_not_know(case: str) -> None:
    given = yaml.safe_load((VALUES / f"{case}.yaml").read_text())
    assert set(given) <= set(yaml.safe_load((CHART / "values.yaml").read_text()))


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
    definitions = schema.pop("definitions")

    def inlined(node: Any) -> Any:
        if isinstance(node, dict):
            return (
                inlined(definitions[node["$ref"].split("/")[-1]])
                if "$ref" in node
                else {key: inlined(value) for key, value in node.items()}
            )
        return [inlined(item) for item in node] if isinstance(node, list) else node

    found: dict[str, Any] = inlined(schema)
    return found


def _objects(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Give every schema of an object with its path."""
    found = [(path, node)] if node.get("type") == "object" else []
    for name, told in node.get("properties", {}).items():
        found += _objects(told, f"{path}/{name}")
    return found + (_objects(node["items"], f"{path}/items") if "items" in node else [])


def _paths(node: dict[str, Any], path: str = "") -> list[str]:
    """Give the path of every property that is no object with properties of its own."""
    if "properties" not in node:
        return [path]
    return [found for name, told in node["properties"].items() for found in _paths(told, f"{path}/{name}")]


def _given(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict) and value:
        return [found for key, inner in value.items() for found in _given(inner, f"{path}/{key}")]
    return [path]


def _is_described(path: str, described: set[str]) -> bool:
    """Whether a value is a property, inside a property of any keys, or the empty form of an object."""
    return any(path == one or path.startswith(f"{one}/") or one.startswith(f"{path}/") for one in described)
