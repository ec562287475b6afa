"""The definition of ParkingLot keeps to what an API server demands, and is the one that is checked in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from parking.lot import Spec
from parking.manifest import load_lot
from parking_operator.crd import crd
from parking_operator.crd.rules import RULES, with_rules
from parking_operator.crd.structural import structural
from parking_operator.objects import to_yaml
from parking_operator.status import LotStatus

FILE = Path(__file__).parents[2] / "charts" / "parking" / "files" / "parkinglots.parking.dev.yaml"
KEYWORDS = {
    "type", "format", "description", "default", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength",
    "minItems", "maxItems", "minProperties", "maxProperties", "required", "properties", "items",
    "additionalProperties", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-validations",
}  # fmt: skip
MINIMAL = {
    "apiVersion": "parking.dev/v1alpha1",
    "kind": "ParkingLot",
    "metadata": {"name": "central"},
    "spec": {"layout": {"rows": {"A": 3}}},
}

Schema = dict[str, Any]


def version() -> dict[str, Any]:
    (only,) = crd()["spec"]["versions"]
    found: dict[str, Any] = only
    return found


def root() -> Schema:
    schema: Schema = version()["schema"]["openAPIV3Schema"]
    return schema


def schemas(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Every schema with its dotted path; [] stands for items and values."""
    yield path, schema
    for name, field in schema.get("properties", {}).items():
        yield from schemas(field, f"{path}.{name}".lstrip("."))
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield from schemas(schema[key], f"{path}[]")


def filled(schema: Schema, value: Any) -> Any:
    """Fill in defaults as an API server does."""
    if isinstance(value, dict) and "properties" in schema:
        present = {name: value[name] for name in value}
        for name, field in schema["properties"].items():
            if name not in present and "default" in field:
                present[name] = field["default"]
            if name in present:
                present[name] = filled(field, present[name])
        return present
    return value


def test_the_checked_in_file_is_the_models() -> None:
    assert FILE.read_text(encoding="utf-8") == to_yaml([crd()]), "run `make crd` and commit the file"


def test_equal_models_give_equal_bytes() -> None:
    assert to_yaml([crd()]) == to_yaml([crd()])
    assert yaml.safe_load(to_yaml([crd()])) == crd()


def test_every_schema_is_structural() -> None:
    for path, schema in schemas(root()):
        assert schema.keys() <= KEYWORDS, path
        assert schema["type"] in {"object", "array", "string", "integer", "number", "boolean"}, path
        assert (schema["type"] == "array") == ("items" in schema), path
        if schema["type"] == "object" and path != "metadata":
            assert ("properties" in schema) != ("additionalProperties" in schema), path
        if schema["type"] == "integer":
            assert schema["format"] == "int64", path


def test_every_field_of_the_spec_says_what_it_means() -> None:
    silent = [path for path, schema in schemas(root()["properties"]["spec"]) if not schema.get("description")]
    assert silent == ["layout.rows[]", "layout.bays[]"]


def test_defaults_are_those_of_the_model() -> None:
    assert filled(root(), MINIMAL)["spec"] == load_lot(MINIMAL).document()["spec"]


def test_a_status_has_no_defaults_and_takes_words_that_come_later() -> None:
    status = dict(schemas(root()["properties"]["status"], "status"))
    assert [path for path, schema in status.items() if "default" in schema] == []
    assert "enum" not in status["status.conditions[].reason"]
    assert set(status["status"]["properties"]) == {field.alias for field in LotStatus.model_fields.values()}


def test_conditions_are_a_map_by_type() -> None:
    conditions = root()["properties"]["status"]["properties"]["conditions"]
    assert conditions["x-kubernetes-list-type"] == "map"
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]
    assert "type" in conditions["items"]["required"]


@pytest.mark.parametrize("path", sorted(RULES))
def test_every_rule_is_at_its_place(path: str) -> None:
    assert dict(schemas(root()))[path]["x-kubernetes-validations"] == [dict(rule) for rule in RULES[path]]


def test_rules_name_fields_that_exist_and_have_messages_of_one_line() -> None:
    fields = dict(schemas(root()))
    for path, rules in RULES.items():
        for rule in rules:
            assert f"{path}{rule.get('fieldPath', '')}" in fields
            assert rule["message"]
            assert "\n" not in rule["message"]


def test_every_map_with_limited_names_has_a_rule_for_them() -> None:
    definitions = Spec.model_json_schema(by_alias=True)["$defs"]
    patterns = re.findall(r"'patternProperties': \{'([^']+)'", str(definitions))
    assert len(patterns) == 1
    assert patterns[0] in str(RULES["spec.layout.rows"])


def test_a_field_that_may_be_null_may_be_left_out() -> None:
    assert structural({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": None}, {}) == {
        "type": "integer",
        "format": "int64",
        "minimum": 1,
    }


def test_what_stands_beside_a_reference_counts_more() -> None:
    definitions = {"Size": {"type": "object", "description": "Any size", "properties": {"cores": {"type": "integer"}}}}
    found = structural({"$ref": "#/$defs/Size", "description": "The driver's", "default": {"cores": 1}}, definitions)
    assert found == {
        "type": "object",
        "description": "The driver's",
        "default": {},
        "properties": {"cores": {"type": "integer", "format": "int64"}},
    }


def test_putting_rules_in_leaves_the_schema_given_as_it_was() -> None:
    schema = {"type": "object", "properties": {"count": {"type": "integer"}}}
    rule = {"rule": "self > 0", "message": "more than nothing"}
    found = with_rules(schema, {"count": (rule,)})
    assert found["properties"]["count"]["x-kubernetes-validations"] == [rule]
    assert schema == {"type": "object", "properties": {"count": {"type": "integer"}}}


def test_names_and_subresources() -> None:
    names = crd()["spec"]["names"]
    assert names["shortNames"] == ["lot", "lots"]
    assert names["categories"] == ["parking"]
    assert version()["subresources"]["scale"]["specReplicasPath"] == ".spec.cameras.count"
    columns = [column["name"] for column in version()["additionalPrinterColumns"]]
    assert columns == ["Cameras", "Bays", "Ready", "Reason", "URL", "Age"]
