"""load_lot tells every problem at once, and raises nothing but InvalidInputError."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from parking.errors import InvalidInputError
from parking.lot import API_VERSION, KIND, MAX_BAYS, ParkingLot
from parking.manifest import load_lot

EXAMPLES = Path(__file__).parents[2] / "examples"
LAYOUT = {"rows": {"A": 3}}


def manifest(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": "central"},
        "spec": {"layout": LAYOUT, **spec},
    }


def problems(wrong: object) -> dict[str, str]:
    """Path and full text of each problem of a wrong manifest."""
    with pytest.raises(InvalidInputError) as caught:
        load_lot(wrong)
    assert str(caught.value)
    return {problem.path: str(problem) for problem in caught.value.problems}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_examples_are_valid(path: Path) -> None:
    assert load_lot(yaml.safe_load(path.read_text())).bays


def test_everything_but_the_layout_has_a_default() -> None:
    assert load_lot(manifest()).spec.cameras.count == 1


def test_bays_by_name() -> None:
    lot = load_lot(manifest(layout={"bays": ["P-17", "P-18", "7", "Q-1", "P-2"]}))
    assert lot.bays == ("P-17", "P-18", "7", "Q-1", "P-2")
    assert [(row, len(bays)) for row, bays in lot.spec.layout.by_row] == [("P", 2), ("", 1), ("Q", 1), ("P", 1)]


@pytest.mark.parametrize("checkpoint", [{}, {"location": "s3a://bucket/folder"}, {"claimName": "shared.files-1"}])
def test_a_checkpoint_has_one_place_at_most(checkpoint: dict[str, str]) -> None:
    found = load_lot(manifest(sessions={"checkpoint": checkpoint})).spec.sessions.checkpoint
    assert found.document() == checkpoint


def test_an_autoscaler_may_have_no_room_but_not_less() -> None:
    assert load_lot(manifest(gateway={"replicas": 3, "maxReplicas": 3})).spec.gateway.max_replicas == 3


def test_a_namespace_may_be_longer_than_a_lots_name() -> None:
    long = manifest(kafka={"cluster": {"name": "main", "namespace": "n" * 63}})
    long["metadata"]["namespace"] = "n" * 63
    assert load_lot(long).metadata.namespace == "n" * 63
    long["metadata"]["name"] = "n" * 41
    assert set(problems(long)) == {"metadata.name"}


def test_what_kubernetes_adds_is_ignored() -> None:
    stored = manifest() | {"status": {"conditions": []}}
    stored["metadata"] |= {"uid": "1", "resourceVersion": "7", "generation": 3}
    assert load_lot(stored).metadata.generation == 3


def test_a_loaded_lot_written_out_loads_again() -> None:
    lot = load_lot(manifest(kafka={"cluster": {"name": "main", "namespace": "kafka"}}))
    assert load_lot(lot.document()) == lot


def test_every_problem_is_told_at_once() -> None:
    wrong = manifest(
        cameras={"count": 9, "eventInterval": "soon", "exitInterval": "0s", "faults": {"silentCameras": 10}},
        tariff={"blockSecond": 60, "currency": "dong"},
        topics={"raw": "same", "processed": "same"},
        kafka={"cluster": {"name": "main"}},
    )
    wrong["metadata"]["name"] = "Not A Label"
    assert set(problems(wrong)) == {
        "metadata.name",
        "spec.cameras.count",
        "spec.cameras.eventInterval",
        "spec.cameras.exitInterval",
        "spec.cameras.faults.silentCameras",
        "spec.kafka.cluster.namespace",
        "spec.tariff.blockSecond",
        "spec.tariff.currency",
        "spec.topics",
    }


def test_a_problem_names_path_value_and_what_is_allowed() -> None:
    told = problems(manifest(tariff={"blockSecond": 60}, cameras={"count": 9}))
    assert told["spec.tariff.blockSecond"].startswith(
        "spec.tariff.blockSecond: 60 is not allowed; unknown field; allowed: currency, blockSeconds"
    )
    assert told["spec.tariff.blockSecond"].endswith("did you mean blockSeconds?")
    assert told["spec.cameras.count"] == "spec.cameras.count: 9 is not allowed; at most one camera per bay: 1 to 3"


@pytest.mark.parametrize(
    ("wrong", "path", "allowed"),
    [
        (None, "(root)", "mapping"),
        (["ParkingLot"], "(root)", "mapping"),
        ({}, "spec", "required"),
        (manifest() | {"spec": None}, "spec", "mapping"),
        (manifest() | {"spec": [1]}, "spec", "mapping"),
        (manifest() | {"metadata": "central"}, "metadata", "mapping"),
        (manifest() | {"kind": "Lot"}, "kind", "'ParkingLot'"),
        (manifest(timeZone="Mars/Olympus"), "spec.timeZone", "for example UTC or Asia/Ho_Chi_Minh"),
        (manifest(timeZone="../etc/passwd"), "spec.timeZone", "match"),
        (manifest(maxStay="0s"), "spec.maxStay", "longer than nothing"),
        (
            manifest(gateway={"otherLots": [{"name": "N", "url": "javascript:x"}]}),
            "spec.gateway.otherLots[0].url",
            "match",
        ),
        (manifest(gateway={"otherLots": [{"nam": "N"}]}), "spec.gateway.otherLots[0].nam", "did you mean name?"),
        (manifest(layout={}), "spec.layout", "either rows or bays"),
        (manifest(layout={"rows": {"A": 1}, "bays": ["B1"]}), "spec.layout", "not both"),
        (manifest(layout={"rows": {"A": 11, "A1": 1}}), "spec.layout", "a name of its own"),
        (manifest(layout={"bays": ["A1", "A1"]}), "spec.layout", "a name of its own"),
        (manifest(layout={"bays": "A1"}), "spec.layout.bays", "list"),
        (manifest(layout={"bays": {"A": 1}}), "spec.layout.bays", "list"),
        (manifest(layout={"bays": []}), "spec.layout.bays", "at least 1"),
        (manifest(layout={"bays": ["A1", "a2"]}), "spec.layout.bays[1]", "match"),
        (manifest(layout={"rows": ["A"]}), "spec.layout.rows", "mapping"),
        (manifest(layout={"rows": {"a": 1}}), "spec.layout.rows.a", "match"),
        (manifest(layout={"rows": {1: 1}}), "spec.layout.rows[1]", "string"),
        (manifest(layout={"rows": {f"R{n}": 9_999 for n in range(11)}}), "spec.layout", str(MAX_BAYS)),
        (manifest(layout={"rows": {f"R{n}": 1 for n in range(1_001)}}), "spec.layout.rows", "at most 1000"),
        (manifest(layout={"bays": ["A" * 33]}), "spec.layout.bays[0]", "at most 32"),
        (manifest(cameras=[]), "spec.cameras", "mapping"),
        (manifest(cameras={"count": True}), "spec.cameras.count", "integer"),
        (manifest(cameras={"count": "2"}), "spec.cameras.count", "integer"),
        (manifest(cameras={"count": 2.0}), "spec.cameras.count", "integer"),
        (manifest(cameras={"count": 1 << 100_000}), "spec.cameras.count", "less than"),
        (manifest(cameras={"eventInterval": 2}), "spec.cameras.eventInterval", "with a unit"),
        (manifest(cameras={"event_interval": "2s"}), "spec.cameras.event_interval", "did you mean eventInterval?"),
        (manifest(cameras={"faults": {"misreads": float("nan")}}), "spec.cameras.faults.misreads", "less than"),
        (manifest(cameras={True: 1}), "spec.cameras[1]", "string"),
        (manifest(sessions={"checkpoint": {"location": "/data"}}), "spec.sessions.checkpoint.location", "match"),
        (manifest(sessions={"checkpoint": {"claimName": "No_One"}}), "spec.sessions.checkpoint.claimName", "match"),
        (
            manifest(sessions={"checkpoint": {"location": "s3a://bucket", "claimName": "shared"}}),
            "spec.sessions.checkpoint",
            "either location or claimName",
        ),
        (manifest(sessions={"engine": "Flink"}), "spec.sessions.engine", "'Spark' or 'Embedded'"),
        (manifest(sessions={"engine": "Embedded", "processes": 7}), "spec.sessions.processes", "per partition"),
        (
            manifest(kafka={"retention": "30s"}),
            "spec.sessions.timeoutSeconds",
            "shorter than spec.kafka.retention (30s)",
        ),
        (manifest(gateway={"replicas": 3, "maxReplicas": 2}), "spec.gateway.maxReplicas", "spec.gateway.replicas: 3"),
        (manifest(suspend="yes"), "spec.suspend", "boolean"),
        (manifest(**{"[key]": 1}), "spec.[key]", "unknown field"),
    ],
)
def test_wrong_manifests(wrong: object, path: str, allowed: str) -> None:
    assert allowed in problems(wrong)[path]


def test_unknown_fields_hide_no_broken_rule() -> None:
    wrong = manifest(layout={"rows": {"A": 1}, "bays": ["B1"], "levels": 2}, cameras={"countX": 1, "count": 9})
    assert set(problems(wrong)) >= {"spec.layout", "spec.layout.levels", "spec.cameras.countX", "spec.cameras.count"}


def test_a_rule_is_not_judged_by_a_default_that_stands_in_for_a_wrong_field() -> None:
    assert set(problems(manifest(layout={"rows": {"A": "x", "B": 2}}, cameras={"count": 5}))) == {"spec.layout.rows.A"}


def test_deep_nesting_is_an_ordinary_problem() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    assert set(problems(manifest(cameras=deep, extra=deep))) == {"spec.cameras", "spec.extra"}


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["2s", "0s", "A", "Simulated", "VND"])
    | st.integers(100, 70_000).map(lambda bits: 1 << bits)
)
names = st.sampled_from(
    [
        "apiVersion", "kind", "metadata", "name", "spec", "layout", "rows", "bays", "cameras", "count", "faults",
        "silentCameras", "eventInterval", "tariff", "sessions", "driver", "kafka", "cluster", "topics", "raw", "A",
        "[key]", 1, None, True,
    ]
)  # fmt: skip
garbage = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)


def is_lot_or_invalid_input(wrong: object) -> bool:
    try:
        return isinstance(load_lot(wrong), ParkingLot)
    except InvalidInputError as error:
        return bool(error.problems) and bool(str(error))


@settings(max_examples=150)
@given(garbage | st.dictionaries(names, garbage, max_size=4).map(lambda spec: manifest() | {"spec": spec}))
def test_garbage_raises_nothing_but_invalid_input(wrong: object) -> None:
    assert is_lot_or_invalid_input(wrong)


@settings(max_examples=150)
@given(
    st.dictionaries(names, garbage, max_size=3), st.sampled_from(["cameras", "layout", "kafka", "sessions", "topics"])
)
def test_garbage_in_a_section_raises_nothing_but_invalid_input(section: dict[Any, Any], name: str) -> None:
    assert is_lot_or_invalid_input(manifest(**{name: section}))
