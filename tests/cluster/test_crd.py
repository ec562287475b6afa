"""A real API server judges lots by our definition, in the same words as load_lot."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from parking.errors import InvalidInputError
from parking.fields import NAME_PATTERN
from parking.lot import MAX_BAYS
from parking.manifest import load_lot
from parking.quantity import PATTERN
from parking_operator.crd import crd
from parking_operator.crd.rules import RULES
from parking_operator.status import ConditionType, Reason, Verdict, status_of, utc_now
from tests.support.cluster.api import ApiError, Manifest
from tests.support.cluster.binaries import program
from tests.support.cluster.control_plane import ControlPlane

pytestmark = pytest.mark.cluster

LOT = "parking.dev/v1alpha1", "ParkingLot"
CLUSTER = {"name": "main", "namespace": "n" * 63}

# What load_lot and the API server both take. For each rule and each kind of limit: the last value that is allowed.
ACCEPTED: tuple[dict[str, Any], ...] = (
    {},
    {"layout": {"rows": {"A": 1}}},
    {"layout": {"rows": {"A" * 16: 9_999, "Z-9": 1}}},
    {"layout": {"rows": {f"R{n}X": 100 for n in range(1_000)}}},
    {"layout": {"bays": ["P-17", "P-18", "9" * 32]}, "cameras": {"count": 3}},
    {"cameras": {"count": 3, "faults": {"silentCameras": 3, "misreads": 1, "duplicates": 0.5}}},
    {"cameras": {"eventInterval": "1ms", "exitInterval": "007s", "durationMinutes": 1, "seed": 2**53}},
    {"cameras": {"durationMinutes": None}, "gateway": {"host": None}},
    {"sessions": {"engine": "Embedded", "processes": 6, "trigger": "999999999d"}},
    {"sessions": {"engine": "Spark", "processes": 7}},
    {"sessions": {"timeoutSeconds": 30}, "kafka": {"retention": "30001ms"}},
    {"sessions": {"timeoutSeconds": 30}, "kafka": {"retention": "31s"}},
    {"sessions": {"timeoutSeconds": 59}, "kafka": {"retention": "1m"}},
    {"sessions": {"timeoutSeconds": 3_599}, "kafka": {"retention": "1h"}},
    {"sessions": {"timeoutSeconds": 86_399}, "kafka": {"retention": "1d"}},
    {"topics": {"raw": "a" * 249, "processed": "b"}},
    {"kafka": {"cluster": CLUSTER, "bootstrapServers": "b:9092", "partitions": 1_000, "replicas": 7}},
    {"gateway": {"replicas": 3, "maxReplicas": 3, "host": "h" * 253, "tlsSecretName": "s"}},
    {"gateway": {"replicas": 3, "maxReplicas": 100}},
    {"layout": {"rows": {"A": 10, "A1": 5}}},
    {"layout": {"rows": {"A": 9_999, "A0": 5, "A10000": 1, "A-1": 3}}},
    {"suspend": True, "deletionPolicy": "Delete"},
    {"sessions": {"checkpoint": {"location": "s3a://bucket/folder"}}},
    {"sessions": {"checkpoint": {"claimName": "c" * 253}}},
    {"sessions": {"checkpoint": {"location": None, "claimName": "shared.files-1"}}},
    {"road": {}},
    {"road": {"bays": 3, "route": [{"lat": 1.5, "lon": -2}, {"lat": 1, "lon": -2.25}], "brokers": 3}},
    {"road": {"lake": {"catalogue": {"type": "REST", "uri": "http://catalogue:8181"}}}},
    {"road": {"lake": {"catalogue": {"type": "Glue"}, "warehouse": "s3://bucket/folder"}}},
)

_ROAD_TOPICS = "should be five different topics, and none of spec.topics"

# Spec, field, and what both say about it: the rules that compare fields.
BROKEN_RULES: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"layout": {}}, "spec.layout", "should have either rows or bays, and not both"),
    ({"layout": {"rows": {"A": 1}, "bays": ["B1"]}}, "spec.layout", "should have either rows or bays, and not both"),
    ({"layout": {"rows": {f"R{n}": 9_999 for n in range(11)}}}, "spec.layout", f"at most {MAX_BAYS} bays"),
    ({"layout": {"rows": {"A": 11, "A1": 1}}}, "spec.layout", "every bay should have a name of its own"),
    ({"layout": {"rows": {"A": 1_000, "A99": 9, "B": 1}}}, "spec.layout", "every bay should have a name of its own"),
    ({"layout": {"rows": {"A-1": 9_999, "A-1999": 1}}}, "spec.layout", "every bay should have a name of its own"),
    ({"cameras": {"count": 4}}, "spec.cameras.count", "at most one camera per bay: 1 to 3"),
    (
        {"layout": {"bays": ["A1", "A2"]}, "cameras": {"count": 3}},
        "spec.cameras.count",
        "at most one camera per bay: 1 to 2",
    ),
    (
        {"cameras": {"count": 2, "faults": {"silentCameras": 3}}},
        "spec.cameras.faults.silentCameras",
        "at most all cameras: 0 to 2",
    ),
    ({"cameras": {"eventInterval": "0s"}}, "spec.cameras.eventInterval", "should be longer than nothing"),
    ({"cameras": {"exitInterval": "000ms"}}, "spec.cameras.exitInterval", "should be longer than nothing"),
    ({"sessions": {"trigger": "0ms"}}, "spec.sessions.trigger", "should be longer than nothing"),
    ({"kafka": {"retention": "0d"}}, "spec.kafka.retention", "should be longer than nothing"),
    ({"topics": {"raw": "x", "processed": "x"}}, "spec.topics", "should be three different topics"),
    ({"topics": {"raw": "quarantine"}}, "spec.topics", "should be three different topics"),
    ({"topics": {"processed": "quarantine"}}, "spec.topics", "should be three different topics"),
    (
        {"sessions": {"engine": "Embedded", "processes": 5}, "kafka": {"partitions": 4}},
        "spec.sessions.processes",
        "at most one process per partition (spec.kafka.partitions): 1 to 4",
    ),
    (
        {"sessions": {"checkpoint": {"location": "s3a://bucket", "claimName": "shared"}}},
        "spec.sessions.checkpoint",
        "should have either location or claimName, or neither",
    ),
    ({"kafka": {"retention": "30s"}}, "spec.sessions.timeoutSeconds", "shorter than spec.kafka.retention (30s)"),
    ({"kafka": {"retention": "29999ms"}}, "spec.sessions.timeoutSeconds", "shorter than spec.kafka.retention"),
    (
        {"sessions": {"timeoutSeconds": 60}, "kafka": {"retention": "1m"}},
        "spec.sessions.timeoutSeconds",
        "shorter than spec.kafka.retention (1m)",
    ),
    (
        {"sessions": {"timeoutSeconds": 3_600}, "kafka": {"retention": "1h"}},
        "spec.sessions.timeoutSeconds",
        "shorter than spec.kafka.retention (1h)",
    ),
    (
        {"sessions": {"timeoutSeconds": 86_400}, "kafka": {"retention": "1d"}},
        "spec.sessions.timeoutSeconds",
        "shorter than spec.kafka.retention (1d)",
    ),
    (
        {"gateway": {"replicas": 3, "maxReplicas": 2}},
        "spec.gateway.maxReplicas",
        "not below spec.gateway.replicas: 3 to 100",
    ),
    ({"road": {"bays": 4}}, "spec.road.bays", "at most all bays: 1 to 3"),
    ({"road": {"reportInterval": "0s"}}, "spec.road.reportInterval", "should be longer than nothing"),
    ({"road": {"retention": "0s"}}, "spec.road.retention", "should be longer than nothing"),
    ({"road": {"lake": {"trigger": "0s"}}}, "spec.road.lake.trigger", "should be longer than nothing"),
    ({"road": {"topics": {"gps": "raw-data"}}}, "spec.road.topics", _ROAD_TOPICS),
    ({"road": {"topics": {"gps": "weather_data"}}}, "spec.road.topics", _ROAD_TOPICS),
    (
        {"road": {"lake": {"catalogue": {"type": "REST"}}}},
        "spec.road.lake.catalogue.uri",
        "an address with type REST, and none with type Embedded",
    ),
    (
        {"road": {"lake": {"catalogue": {"uri": "http://c"}}}},
        "spec.road.lake.catalogue.uri",
        "an address with type REST, and none with type Embedded",
    ),
    (
        {"road": {"lake": {"catalogue": {"type": "Glue"}}}},
        "spec.road.lake.warehouse",
        "with type Glue: s3://bucket/folder",
    ),
)
ROW_NAMES = RULES["spec.layout.rows"][0]["message"]
LONG_NAME = RULES[""][0]["message"]
# Broken elsewhere: load_lot says these in pydantic's words, or cannot know of them at all.
OTHER_RULES = {ROW_NAMES, LONG_NAME, "never changes", "never shrinks"}

# Limit, spec, field, and what the API server says; load_lot refuses the same field.
BROKEN_LIMITS: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("x-kubernetes-validations", {"layout": {"rows": {"a": 1}}}, "spec.layout.rows", ROW_NAMES),
    ("x-kubernetes-validations", {"layout": {"rows": {"A" * 17: 1}}}, "spec.layout.rows", ROW_NAMES),
    ("type", {"cameras": {"count": "2"}}, "spec.cameras.count", "must be of type integer"),
    ("type", {"cameras": {"count": True}}, "spec.cameras.count", "must be of type integer"),
    ("type", {"cameras": []}, "spec.cameras", "must be of type object"),
    ("type", {"layout": {"bays": "A1"}}, "spec.layout.bays", "must be of type array"),
    ("type", {"suspend": "yes"}, "spec.suspend", "must be of type boolean"),
    ("type", {"cameras": {"faults": {"misreads": "often"}}}, "spec.cameras.faults.misreads", "must be of type number"),
    ("enum", {"sessions": {"engine": "Flink"}}, "spec.sessions.engine", 'supported values: "Spark", "Embedded"'),
    ("enum", {"deletionPolicy": "retain"}, "spec.deletionPolicy", 'supported values: "Retain", "Delete"'),
    ("pattern", {"tariff": {"currency": "dong"}}, "spec.tariff.currency", "should match '^[A-Z]{3}$'"),
    ("pattern", {"cameras": {"eventInterval": "soon"}}, "spec.cameras.eventInterval", f"should match '{PATTERN}'"),
    ("pattern", {"kafka": {"retention": "7w"}}, "spec.kafka.retention", f"should match '{PATTERN}'"),
    ("pattern", {"topics": {"raw": "a" * 250}}, "spec.topics.raw", "should match"),
    ("pattern", {"layout": {"bays": ["A1", "a2"]}}, "spec.layout.bays[1]", "should match"),
    (
        "pattern",
        {"kafka": {"cluster": {"name": "n" * 41, "namespace": "kafka"}}},
        "spec.kafka.cluster.name",
        f"should match '{NAME_PATTERN}'",
    ),
    ("pattern", {"sessions": {"driver": {"memory": "1gb"}}}, "spec.sessions.driver.memory", "should match"),
    ("pattern", {"sessions": {"driver": {"coreRequest": "0.5"}}}, "spec.sessions.driver.coreRequest", "should match"),
    ("pattern", {"sessions": {"checkpoint": {"location": "/data"}}}, "spec.sessions.checkpoint.location", "match"),
    ("pattern", {"sessions": {"checkpoint": {"location": ""}}}, "spec.sessions.checkpoint.location", "match"),
    ("pattern", {"sessions": {"checkpoint": {"claimName": "Ours"}}}, "spec.sessions.checkpoint.claimName", "match"),
    ("pattern", {"sessions": {"checkpoint": {"claimName": "c" * 254}}}, "spec.sessions.checkpoint.claimName", "match"),
    ("minimum", {"cameras": {"count": 0}}, "spec.cameras.count", "greater than or equal to 1"),
    ("minimum", {"sessions": {"timeoutSeconds": 2}}, "spec.sessions.timeoutSeconds", "greater than or equal to 3"),
    ("minimum", {"layout": {"rows": {"A": 0}}}, "spec.layout.rows.A", "greater than or equal to 1"),
    ("maximum", {"cameras": {"seed": 2**53 + 1}}, "spec.cameras.seed", "less than or equal to"),
    ("maximum", {"cameras": {"faults": {"disorder": 1.01}}}, "spec.cameras.faults.disorder", "less than or equal to 1"),
    ("maximum", {"gateway": {"maxReplicas": 101}}, "spec.gateway.maxReplicas", "less than or equal to 100"),
    ("minLength", {"gateway": {"host": ""}}, "spec.gateway.host", "at least 1 chars long"),
    ("minLength", {"kafka": {"bootstrapServers": ""}}, "spec.kafka.bootstrapServers", "at least 1 chars long"),
    ("maxLength", {"gateway": {"host": "h" * 254}}, "spec.gateway.host", "may not be more than 253"),
    ("maxLength", {"layout": {"bays": ["A" * 33]}}, "spec.layout.bays[0]", "may not be more than 32"),
    ("maxLength", {"cameras": {"exitInterval": "1234567890ms"}}, "spec.cameras.exitInterval", "may not be more than"),
    ("minItems", {"layout": {"bays": []}}, "spec.layout.bays", "at least 1 items"),
    (
        "maxItems",
        {"layout": {"bays": [f"B{n}" for n in range(MAX_BAYS + 1)]}},
        "spec.layout.bays",
        "must have at most 100000 items",
    ),
    ("minProperties", {"layout": {"rows": {}}}, "spec.layout.rows", "at least 1 properties"),
    (
        "maxProperties",
        {"layout": {"rows": {f"R{n}": 1 for n in range(1_001)}}},
        "spec.layout.rows",
        "must have at most 1000 items",
    ),
    ("required", {"kafka": {"cluster": {"name": "main"}}}, "spec.kafka.cluster.namespace", "Required value"),
    ("properties", {"cameras": {"amount": 2}}, "spec.cameras.amount", 'unknown field "spec.cameras.amount"'),
    ("properties", {"layuot": {}}, "spec.layuot", 'unknown field "spec.layuot"'),
)


@pytest.fixture(scope="module")
def namespace(control_plane: ControlPlane) -> str:
    return control_plane.namespace("crd")


def lot(namespace: str, spec: dict[str, Any] | None = None, *, name: str = "central") -> Manifest:
    """A lot of three bays, with what ``spec`` says in addition or instead."""
    return {
        "apiVersion": LOT[0],
        "kind": LOT[1],
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"layout": {"rows": {"A": 3}}, **(spec or {})},
    }


def refusal(plane: ControlPlane, manifest: Manifest) -> str:
    """What the API server has against creating a lot; nothing is empty. Strict about unknown fields, as kubectl is."""
    path = plane.api.path(*LOT, manifest["metadata"]["namespace"])
    try:
        plane.api.request("POST", path, manifest, query={"dryRun": "All", "fieldValidation": "Strict"})
    except ApiError as error:
        if error.status not in {400, 422}:
            raise
        return error.message
    return ""


def problems(manifest: Manifest) -> dict[str, str]:
    """What load_lot has against a lot, by field."""
    try:
        load_lot(manifest)
    except InvalidInputError as error:
        return {problem.path: problem.allowed for problem in error.problems}
    return {}


def walk(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    inner = (*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties"))
    for other in filter(None, inner):
        yield from walk(other)


def label(value: object) -> str:
    return str(value)[:60]


@pytest.mark.parametrize("spec", ACCEPTED, ids=label)
def test_what_both_accept(control_plane: ControlPlane, namespace: str, spec: dict[str, Any]) -> None:
    manifest = lot(namespace, spec)
    assert refusal(control_plane, manifest) == ""
    assert problems(manifest) == {}


@pytest.mark.parametrize(("spec", "path", "words"), BROKEN_RULES, ids=label)
def test_a_broken_rule_is_told_in_the_same_words(
    control_plane: ControlPlane, namespace: str, spec: dict[str, Any], path: str, words: str
) -> None:
    manifest = lot(namespace, spec)
    told = refusal(control_plane, manifest)
    assert told.startswith(f'ParkingLot.parking.dev "central" is invalid: {path}: Invalid value: ')
    assert words in told
    assert set(problems(manifest)) == {path}
    assert words in problems(manifest)[path]


@pytest.mark.parametrize(("limit", "spec", "path", "words"), BROKEN_LIMITS, ids=label)
def test_a_value_beyond_a_limit(
    control_plane: ControlPlane, namespace: str, limit: str, spec: dict[str, Any], path: str, words: str
) -> None:
    manifest = lot(namespace, spec)
    told = refusal(control_plane, manifest)
    assert path in told
    assert words in told
    assert [found for found in problems(manifest) if found.startswith(path)]


def test_every_rule_and_every_kind_of_limit_was_tried() -> None:
    (version,) = crd()["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    kept = {"description", "default", "format", "items", "additionalProperties"}
    assert {key for schema in walk(spec) for key in schema} - kept == {limit for limit, *_ in BROKEN_LIMITS}
    tried = [words for _, _, words in BROKEN_RULES]
    for rule in (rule for rules in RULES.values() for rule in rules):
        assert rule["message"] in OTHER_RULES or any(words.startswith(rule["message"]) for words in tried), rule


@pytest.mark.parametrize("name", ["n" * 41, "north.gate"])
def test_names_that_only_the_definition_refuses(control_plane: ControlPlane, namespace: str, name: str) -> None:
    assert LONG_NAME in refusal(control_plane, lot(namespace, name=name))
    assert set(problems(lot(namespace, name=name))) == {"metadata.name"}
    assert refusal(control_plane, lot(namespace, name="n" * 40)) == ""


def test_a_bay_named_twice_by_name_is_left_to_the_operator(control_plane: ControlPlane, namespace: str) -> None:
    manifest = lot(namespace, {"layout": {"bays": ["A1", "A1"]}})
    assert refusal(control_plane, manifest) == ""
    assert problems(manifest) == {"spec.layout": "every bay should have a name of its own"}


def test_a_wrong_field_brings_no_verdict_on_what_it_is_compared_with(
    control_plane: ControlPlane, namespace: str
) -> None:
    told = refusal(control_plane, lot(namespace, {"kafka": {"retention": "soon"}}))
    assert told.count("Invalid value") == 1
    assert "timeoutSeconds" not in told


def test_unknown_fields_are_left_out_when_the_client_does_not_mind(control_plane: ControlPlane, namespace: str) -> None:
    path = control_plane.api.path(*LOT, namespace)
    manifest = lot(namespace, {"cameras": {"amount": 2}})
    made = control_plane.api.request("POST", path, manifest, query={"dryRun": "All", "fieldValidation": "Ignore"})
    assert "amount" not in made["spec"]["cameras"]


@pytest.fixture
def stored(control_plane: ControlPlane) -> Manifest:
    """A lot that says only what it has to, as the API server keeps it."""
    return control_plane.api.apply(lot(control_plane.namespace("crd")))


def test_defaults_are_those_of_the_model(stored: Manifest) -> None:
    minimal = load_lot(lot("any"))
    assert stored["spec"] == minimal.document()["spec"]
    assert load_lot(stored).spec == minimal.spec


def change(plane: ControlPlane, stored: Manifest, **spec: Any) -> str:
    """Edit a lot; gives what the API server has against it."""
    try:
        plane.api.merge(stored, {"spec": spec})
    except ApiError as error:
        return error.message
    return ""


def test_partitions_never_shrink(control_plane: ControlPlane, stored: Manifest) -> None:
    told = change(control_plane, stored, kafka={"partitions": 5})
    assert "spec.kafka.partitions: Invalid value" in told
    assert "never shrinks: 6 or more" in told
    assert change(control_plane, stored, kafka={"partitions": 12}) == ""
    assert "never shrinks: 12 or more" in change(control_plane, stored, kafka={"partitions": 6})
    assert "never shrinks: 12 or more" in change(control_plane, stored, kafka=None)


def test_shards_never_change(control_plane: ControlPlane, stored: Manifest) -> None:
    for shards in (7, 9):
        told = change(control_plane, stored, sessions={"shards": shards})
        assert "spec.sessions.shards: Invalid value" in told
        assert "never changes: 8" in told
    assert change(control_plane, stored, sessions={"shards": 8, "timeoutSeconds": 60}) == ""


def test_named_bays_keep_the_order_that_was_applied(control_plane: ControlPlane, stored: Manifest) -> None:
    for bays in (["P3", "P1", "P2"], ["P2", "P4", "P3"]):
        manifest = lot(stored["metadata"]["namespace"], {"layout": {"bays": bays}})
        assert control_plane.api.apply(manifest)["spec"]["layout"] == {"bays": bays}


@pytest.fixture
def reported(control_plane: ControlPlane, stored: Manifest) -> Manifest:
    """A lot with a status, written as the operator writes it."""
    verdicts = {
        ConditionType.TOPICS_READY: Verdict(ready=True, reason=Reason.READY, message="all topics exist"),
        ConditionType.READY: Verdict(ready=False, reason=Reason.PROGRESSING, message="gateway: 1 of 2"),
    }
    url = "http://central-gateway"
    known = status_of(load_lot(stored), verdicts, gateway_url=url, topics=["raw"], previous=None, now=utc_now())
    manifest = {key: stored[key] for key in ("apiVersion", "kind")}
    manifest["metadata"] = {key: stored["metadata"][key] for key in ("name", "namespace")}
    manifest["status"] = known.document()
    written = control_plane.api.apply(manifest, manager="parking-operator", subresource="status")
    assert written["status"] == manifest["status"]
    return written


def kubectl(plane: ControlPlane, *arguments: str) -> str:
    """Run kubectl; gives what it prints, also why it failed."""
    command = [str(program("kubectl")), "--kubeconfig", str(plane.kubeconfig), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def test_a_status_alone_leaves_the_spec(control_plane: ControlPlane, reported: Manifest) -> None:
    assert reported["metadata"]["generation"] == 1
    assert {told["type"] for told in reported["status"]["conditions"]} == {"TopicsReady", "Ready"}


def test_kubectl_scale_sets_the_cameras(control_plane: ControlPlane, reported: Manifest) -> None:
    namespace = reported["metadata"]["namespace"]
    scale = control_plane.api.request("GET", f"{control_plane.api.path_of(reported)}/scale")
    assert scale["spec"]["replicas"] == 1
    assert scale["status"] == reported["status"]["cameras"]
    assert "scaled" in kubectl(control_plane, "scale", "-n", namespace, "lot/central", "--replicas=3")
    after = control_plane.api.get(*LOT, namespace, "central")
    assert after is not None
    assert after["spec"]["cameras"]["count"] == 3
    told = kubectl(control_plane, "scale", "-n", namespace, "lot/central", "--replicas=4")
    assert "at most one camera per bay: 1 to 3" in told


@pytest.mark.parametrize("word", ["lot", "lots", "parkinglot", "parkinglots", "parking"])
def test_kubectl_get_shows_what_people_look_at_first(
    control_plane: ControlPlane, reported: Manifest, word: str
) -> None:
    head, row = kubectl(control_plane, "get", "-n", reported["metadata"]["namespace"], word).splitlines()
    assert head.split() == ["NAME", "CAMERAS", "BAYS", "READY", "REASON", "URL", "AGE"]
    name, *shown, _age = row.split()
    assert name.endswith("central")
    assert shown == ["1", "3", "False", "Progressing", "http://central-gateway"]


def test_kubectl_explains_fields(control_plane: ControlPlane) -> None:
    told = kubectl(control_plane, "explain", "parkinglot.spec.cameras")
    assert "GROUP:      parking.dev" in told
    assert "How often a camera reports each car it sees" in told


def named_bays(number: int) -> list[str]:
    return [f"P-{bay:05}" for bay in range(number)]


@pytest.mark.parametrize("way", ["create", "apply"])
def test_a_large_lot_by_name(control_plane: ControlPlane, way: str) -> None:
    names = named_bays(100_000)
    manifest = lot(control_plane.namespace("crd"), {"layout": {"bays": names}, "cameras": {"count": 10_000}})
    made: Manifest = getattr(control_plane.api, way)(manifest)
    assert load_lot(made).bays == tuple(names)
    assert change(control_plane, made, cameras={"count": 5_000}) == ""
    held = {key: value for key, value in manifest.items() if key != "spec"}
    held["metadata"] = {**manifest["metadata"], "finalizers": ["parking.dev/children"]}
    told = control_plane.api.apply(held, manager="parking-operator")
    assert told["spec"]["layout"]["bays"] == names
    control_plane.api.merge(made, {"metadata": {"finalizers": None}})


def test_more_than_etcd_keeps_is_refused_at_once(control_plane: ControlPlane) -> None:
    """Never taken and then out of the operator's reach: its own part of a lot is small."""
    names = [f"{name}-{'X' * 24}" for name in named_bays(60_000)]
    manifest = lot(control_plane.namespace("crd"), {"layout": {"bays": names}})
    assert problems(manifest) == {}
    with pytest.raises(ApiError, match=r"too large|larger than"):
        control_plane.api.create(manifest)
