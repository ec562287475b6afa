"""What a schema cannot say, as CEL rules that the API server judges; the words are those of parking.manifest."""

from collections.abc import Mapping
from typing import Any

from parking.fields import NAME_PATTERN
from parking.lot import MAX_BAYS, ROW_PATTERN
from parking.quantity import MILLISECONDS, PATTERN
from parking.road import RoadTopic

Rule = dict[str, str]

_ROAD_TOPICS = "[" + ", ".join(f"self.road.topics.{topic.name.lower()}" for topic in RoadTopic) + "]"
_LOT_TOPICS = "[self.topics.raw, self.topics.processed, self.topics.quarantine]"

_ROWS = "self.rows.map(row, self.rows[row]).sum()"
_SIZE = (
    "(has(self.layout.bays) ? self.layout.bays.size() : "
    "has(self.layout.rows) ? self.layout.rows.map(row, self.layout.rows[row]).sum() : 0)"
)
_RETENTION = "self.kafka.retention"
_UNITS = "{" + ", ".join(f"'{unit}': {milliseconds}" for unit, milliseconds in MILLISECONDS.items()) + "}"
_KEPT = f"int({_RETENTION}.find('^[0-9]+')) * {_UNITS}[{_RETENTION}.find('[a-z]+$')]"

# Two rows name one bay when one row's name is the other's and digits of a number that the other reaches: {A: 11, A1: 1}
# has A11 twice. A row has up to 9,999 bays, so three digits may be its name's.
_OTHER, _DIGITS = "row.substring(0, row.size() - n)", "row.substring(row.size() - n)"
_NO_ROW_REACHES_ANOTHER = (
    f"self.rows.all(row, [1, 2, 3].all(n, row.size() <= n || !({_OTHER} in self.rows)"
    f" || !{_DIGITS}.matches('^[1-9][0-9]*$') || self.rows[{_OTHER}] < int({_DIGITS} + '1')))"
)

_LONGER_THAN_NOTHING: Rule = {"rule": "!self.matches('^0+[a-z]')", "message": "should be longer than nothing"}
_NEVER_CHANGES: Rule = {
    "rule": "self == oldSelf",
    "messageExpression": "'never changes: %d'.format([oldSelf])",
    "message": "never changes",
}
_NEVER_SHRINKS: Rule = {
    "rule": "self >= oldSelf",
    "messageExpression": "'never shrinks: %d or more'.format([oldSelf])",
    "message": "never shrinks",
}

RULES: Mapping[str, tuple[Rule, ...]] = {
    "": (
        {
            "rule": f"self.metadata.name.matches('{NAME_PATTERN}')",
            "message": "metadata.name should be a DNS label of up to 40 characters",
        },
    ),
    # Sections are judged from here: a rule of their own would have to hold for their default, {}, as it stands.
    "spec": (
        {
            "rule": f"{_SIZE} == 0 || self.cameras.count <= {_SIZE}",
            "messageExpression": f"'at most one camera per bay: 1 to %d'.format([{_SIZE}])",
            "message": "at most one camera per bay",
            "fieldPath": ".cameras.count",
        },
        {
            "rule": "self.cameras.faults.silentCameras <= self.cameras.count",
            "messageExpression": "'at most all cameras: 0 to %d'.format([self.cameras.count])",
            "message": "at most all cameras",
            "fieldPath": ".cameras.faults.silentCameras",
        },
        {
            "rule": "self.sessions.engine != 'Embedded' || self.sessions.processes <= self.kafka.partitions",
            "messageExpression": "'at most one process per partition (spec.kafka.partitions): 1 to %d'"
            ".format([self.kafka.partitions])",
            "message": "at most one process per partition (spec.kafka.partitions)",
            "fieldPath": ".sessions.processes",
        },
        {
            # A retention that is wrong or nothing is told already.
            "rule": f"!{_RETENTION}.matches('{PATTERN}') || {_RETENTION}.matches('^0+[a-z]')"
            f" || self.sessions.timeoutSeconds * 1000 < {_KEPT}",
            "messageExpression": f"'shorter than spec.kafka.retention (' + {_RETENTION} + ')'",
            "message": "shorter than spec.kafka.retention",
            "fieldPath": ".sessions.timeoutSeconds",
        },
        {
            "rule": "self.topics.raw != self.topics.processed && self.topics.raw != self.topics.quarantine"
            " && self.topics.processed != self.topics.quarantine",
            "message": "should be three different topics",
            "fieldPath": ".topics",
        },
        {
            "rule": "!has(self.gateway.maxReplicas) || self.gateway.maxReplicas >= self.gateway.replicas",
            "messageExpression": "'not below spec.gateway.replicas: %d to 100'.format([self.gateway.replicas])",
            "message": "not below spec.gateway.replicas",
            "fieldPath": ".gateway.maxReplicas",
        },
        {
            "rule": f"!has(self.road) || ({_ROAD_TOPICS}.all(name, {_ROAD_TOPICS}.filter(other, other == name).size()"
            f" == 1 && !(name in {_LOT_TOPICS})))",
            "message": "should be five different topics, and none of spec.topics",
            "fieldPath": ".road.topics",
        },
        {
            "rule": f"!has(self.road) || !has(self.road.bays) || {_SIZE} == 0 || self.road.bays <= {_SIZE}",
            "messageExpression": f"'at most all bays: 1 to %d'.format([{_SIZE}])",
            "message": "at most all bays",
            "fieldPath": ".road.bays",
        },
        {
            "rule": "!has(self.road) || self.road.lake.catalogue.type == 'Glue'"
            " || (self.road.lake.catalogue.type == 'REST') == has(self.road.lake.catalogue.uri)",
            "message": "an address with type REST, and none with type Embedded",
            "fieldPath": ".road.lake.catalogue.uri",
        },
        {
            "rule": "!has(self.road) || self.road.lake.catalogue.type != 'Glue'"
            " || (has(self.road.lake.warehouse) && self.road.lake.warehouse.matches('^s3a?://'))",
            "message": "with type Glue: s3://bucket/folder",
            "fieldPath": ".road.lake.warehouse",
        },
    ),
    "spec.road.reportInterval": (_LONGER_THAN_NOTHING,),
    "spec.road.retention": (_LONGER_THAN_NOTHING,),
    "spec.road.lake.trigger": (_LONGER_THAN_NOTHING,),
    "spec.road.brokers": (_NEVER_CHANGES,),
    "spec.road.partitions": (_NEVER_SHRINKS,),
    "spec.layout": (
        {
            "rule": "has(self.rows) != has(self.bays)",
            "message": "should have either rows or bays, and not both",
        },
        {"rule": f"!has(self.rows) || {_ROWS} <= {MAX_BAYS}", "message": f"at most {MAX_BAYS} bays"},
        {
            "rule": f"!has(self.rows) || {_NO_ROW_REACHES_ANOTHER}",
            "message": "every bay should have a name of its own",
        },
    ),
    "spec.layout.rows": (
        {
            "rule": f"self.all(row, row.matches('{ROW_PATTERN}'))",
            "message": "rows are named by upper-case letters, digits and -, a letter first, up to 16 characters",
        },
    ),
    "spec.maxStay": (_LONGER_THAN_NOTHING,),
    "spec.cameras.eventInterval": (_LONGER_THAN_NOTHING,),
    "spec.cameras.exitInterval": (_LONGER_THAN_NOTHING,),
    "spec.sessions.trigger": (_LONGER_THAN_NOTHING,),
    "spec.sessions.shards": (_NEVER_CHANGES,),
    "spec.sessions.checkpoint": (
        {
            "rule": "!has(self.location) || !has(self.claimName)",
            "message": "should have either location or claimName, or neither",
        },
    ),
    "spec.kafka.partitions": (_NEVER_SHRINKS,),
    "spec.kafka.retention": (_LONGER_THAN_NOTHING,),
}
"""Rules by the dotted path of the field that they are judged at; "" is the whole lot."""


def with_rules(schema: Mapping[str, Any], rules: Mapping[str, tuple[Rule, ...]], path: str = "") -> dict[str, Any]:
    """Give a schema with rules at their places."""
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {
            name: with_rules(field, rules, f"{path}.{name}".lstrip(".")) for name, field in found["properties"].items()
        }
    if path in rules:
        found["x-kubernetes-validations"] = [dict(rule) for rule in rules[path]]
    return found
