"""From pydantic's JSON Schema to what a CustomResourceDefinition may hold: a structural OpenAPI schema."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

_LIMITS = ("pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
_LIMITS_OF_MAPS = ("minProperties", "maxProperties")


def structural(schema: Mapping[str, Any], definitions: Mapping[str, Any], *, reported: bool = False) -> Schema:
    """Give a schema with references put in, and its keys in an order of our own.

    Fields that may be null become fields that may be left out. ``reported`` is for a status: it has no defaults, and
    no lists of allowed words, so that an operator may tell what this definition does not know yet.
    """
    known = _resolved(schema, definitions)
    if "enum" in known and reported:
        known = {key: value for key, value in known.items() if key != "enum"}
    found: Schema = {"type": known["type"]}
    if known["type"] == "integer":
        found["format"] = "int64"
    if "description" in known:
        found["description"] = known["description"].replace("``", "")
    if not reported and known.get("default") is not None:
        # An empty object takes the defaults of its fields: each default is written once.
        found["default"] = {} if known["type"] == "object" else known["default"]
    found |= {key: known[key] for key in ("enum", *_LIMITS, *_LIMITS_OF_MAPS) if key in known}
    return found | _inner(known, definitions, reported=reported)


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, also through "or null"; what stands beside it counts more than what it leads to."""
    beside = {key: value for key, value in schema.items() if key not in {"anyOf", "$ref"}}
    if "anyOf" in schema:
        (chosen,) = (option for option in schema["anyOf"] if option.get("type") != "null")
        return {**_resolved(chosen, definitions), **beside}
    if "$ref" in schema:
        return {**definitions[schema["$ref"].rsplit("/", 1)[1]], **beside}
    return schema


def _inner(known: Mapping[str, Any], definitions: Mapping[str, Any], *, reported: bool) -> Schema:
    """Give the part of a schema that speaks about fields, items or the values of a map."""
    if known["type"] == "array":
        return {"items": structural(known["items"], definitions, reported=reported)}
    if known["type"] != "object":
        return {}
    if "patternProperties" in known:  # names cannot be limited here: that takes a rule
        (values,) = known["patternProperties"].values()
        return {"additionalProperties": structural(values, definitions, reported=reported)}
    fields = {name: structural(field, definitions, reported=reported) for name, field in known["properties"].items()}
    return {**({"required": known["required"]} if "required" in known else {}), "properties": fields}
