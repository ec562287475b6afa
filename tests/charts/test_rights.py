"""The rights that the chart gives: those that the operator's own list of kinds asks for, and no more."""

from collections.abc import Iterable, Iterator

import pytest

from parking_operator.cluster.resources import CHILDREN, LOT, POD
from tests.charts.helm import CASES, Manifest, pick, rendered_case

pytestmark = pytest.mark.cluster

Right = tuple[str, str, str]
"""API group, resource and verb; the resource with ``=NAME`` when it is only for one object."""

WATCH = {"list", "watch"}
CARE = {"get", "list", "watch", "create", "patch", "delete"}
AT_LOTS: set[Right] = {
    *((LOT.group, LOT.plural, verb) for verb in ("get", "list", "watch", "patch")),
    (LOT.group, f"{LOT.plural}/status", "patch"),
    (LOT.group, f"{LOT.plural}/finalizers", "update"),
    *((POD.group, POD.plural, verb) for verb in ("get", "list", "watch")),
    *((child.group, child.plural, verb) for child in CHILDREN for verb in CARE),
    ("", "events", "create"),
    ("", "events", "patch"),
}
DEFINITIONS: set[Right] = {("apiextensions.k8s.io", "customresourcedefinitions", verb) for verb in WATCH}
NAMESPACES: set[Right] = {("", "namespaces", verb) for verb in WATCH}
TOPICS: set[Right] = {right for right in AT_LOTS if right[1] == "kafkatopics"}


def _rights(rules: Iterable[Manifest]) -> Iterator[Right]:
    for rule in rules:
        names = rule.get("resourceNames", [None])
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    yield from ((group, f"{resource}={name}" if name else resource, verb) for name in names)


def _granted(rendered: list[Manifest], account: str) -> dict[str, set[Right]]:
    """Give what a service account may do, by namespace; everywhere is ''."""
    rules = {_place(m): m["rules"] for m in rendered if m["kind"] in {"Role", "ClusterRole"}}
    granted: dict[str, set[Right]] = {}
    for manifest in rendered:
        if manifest["kind"] not in {"RoleBinding", "ClusterRoleBinding"}:
            continue
        if [subject["name"] for subject in manifest["subjects"]] == [account]:
            kind, namespace = manifest["roleRef"]["kind"], manifest["metadata"].get("namespace", "")
            role = kind, namespace if kind == "Role" else "", manifest["roleRef"]["name"]
            granted.setdefault(namespace, set()).update(_rights(rules[role]))
    return granted


def _place(manifest: Manifest) -> tuple[str, str, str]:
    return manifest["kind"], manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]


def _bind(resource: str) -> set[Right]:
    return {("rbac.authorization.k8s.io", f"{resource}=parking-spark-driver", "bind")}


def test_cluster_wide() -> None:
    granted = _granted(rendered_case("default"), "parking-operator")
    assert granted == {"": AT_LOTS | DEFINITIONS | _bind("clusterroles")}


def test_namespaced() -> None:
    granted = _granted(rendered_case("namespaced"), "parking-operator")
    at_lots = AT_LOTS | _bind("roles")
    assert granted == {"": DEFINITIONS | NAMESPACES, "team-a": at_lots, "team-b": at_lots, "kafka": TOPICS}


def test_the_namespace_of_the_release_is_the_default() -> None:
    rendered = rendered_case("default", "--set", "rbac.scope=namespaced")
    assert _granted(rendered, "parking-operator").keys() == {"", "parking-system"}


@pytest.mark.parametrize(("case", "where"), [("default", {""}), ("namespaced", {"team-a", "team-b"})])
def test_before_an_uninstall_only_lots_and_the_operator_can_be_changed(case: str, where: set[str]) -> None:
    lots = {(LOT.group, LOT.plural, "list"), (LOT.group, LOT.plural, "patch")}
    stop = {("apps", "deployments=parking-operator", "get"), ("apps", "deployments/scale=parking-operator", "patch")}
    granted = _granted(rendered_case(case), "parking-release")
    assert granted == {**dict.fromkeys(where, lots), "parking-system": stop}


@pytest.mark.parametrize(("case", "kind"), [("default", "ClusterRole"), ("namespaced", "Role")])
def test_the_role_of_spark_drivers_is_where_the_operator_binds_it(case: str, kind: str) -> None:
    rendered = rendered_case(case)
    roles = [m for m in rendered if m["metadata"]["name"] == "parking-spark-driver"]
    assert {(m["kind"], m["metadata"].get("namespace")) for m in roles} == (
        {(kind, None)} if kind == "ClusterRole" else {(kind, "team-a"), (kind, "team-b")}
    )
    for role in roles:
        assert {right[1] for right in _rights(role["rules"])} == {
            "pods",
            "services",
            "configmaps",
            "persistentvolumeclaims",
        }
    (container,) = pick(rendered, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert f"--spark-driver-role={kind}/parking-spark-driver" in container["args"]


@pytest.mark.parametrize("case", CASES)
def test_no_rule_has_a_wildcard_or_reads_secrets(case: str) -> None:
    rules = [rule for m in rendered_case(case) for rule in m.get("rules", [])]
    assert rules
    for rule in rules:
        assert "*" not in {*rule["apiGroups"], *rule["resources"], *rule["verbs"]}
        assert "secrets" not in rule["resources"]
        assert not {"escalate", "impersonate"} & set(rule["verbs"])


def test_people_may_read_or_change_lots_by_their_role_in_a_namespace() -> None:
    rendered = rendered_case("default")
    prefix = "rbac.authorization.k8s.io/aggregate-to-"
    view, edit = pick(rendered, "ClusterRole", "-view"), pick(rendered, "ClusterRole", "-edit")
    assert {key for key in view["metadata"]["labels"] if key.startswith(prefix)} == {
        f"{prefix}{role}" for role in ("view", "edit", "admin")
    }
    assert {key for key in edit["metadata"]["labels"] if key.startswith(prefix)} == {
        f"{prefix}{role}" for role in ("edit", "admin")
    }
    assert {verb for _, _, verb in _rights(view["rules"])} == {"get", "list", "watch"}
    without = rendered_case("default", "--set", "rbac.aggregate=false")
    assert not any(key.startswith(prefix) for m in without for key in m["metadata"]["labels"])
