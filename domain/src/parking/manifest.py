"""Reading a manifest so that every problem is told at once, each with its path, value and what is allowed."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from parking.errors import InvalidInputError, Problem
from parking.lot import MAX_BAYS, ParkingLot, Spec
from parking.quantity import format_duration
from parking.road import RoadTopic
from parking.road_spec import is_object_storage

Path = tuple[int | str, ...]

_PLAIN_WORDS = {
    "model_type": "should be a mapping",
    "dict_type": "should be a mapping",
    "tuple_type": "should be a list",
}


def load_lot(manifest: object) -> ParkingLot:
    """Check a manifest (plain mappings and lists, as YAML gives them); raises InvalidInputError with every problem.

    Values are taken as strictly as a Kubernetes API server takes them: "6" is no number and neither is ``yes``.
    A rule that looks at several fields is judged whenever those fields are right, whatever else is wrong.
    """
    if not isinstance(manifest, Mapping):
        raise InvalidInputError("manifest", [Problem("(root)", manifest, "should be a mapping with kind ParkingLot")])
    try:
        lot = ParkingLot.model_validate(dict(manifest), strict=True, by_name=False)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        problems = [*map(_problem, errors), *_problems_of_the_rest(manifest.get("spec"), errors)]
        raise InvalidInputError(f"ParkingLot {_name(manifest)}", problems) from None
    problems = [problem for rule, _ in RULES for problem in rule(lot.spec)]
    if problems:
        raise InvalidInputError(f"ParkingLot {lot.name}", problems)
    return lot


def _name(manifest: Mapping[str, Any]) -> str:
    metadata = manifest.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else "?"


def _path(error: ErrorDetails) -> Path:
    """Location of an error; pydantic marks a wrong mapping key by a trailing "[key]"."""
    path = error["loc"]
    return path[:-1] if path[-1:] == ("[key]",) and error["type"] != "extra_forbidden" else path


def _dotted(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "(root)"


def _problem(error: ErrorDetails) -> Problem:
    path = _path(error)
    if error["type"] == "missing":
        return Problem(_dotted(path), None, "required")
    if error["type"] == "extra_forbidden":
        known = _fields_at(path[:-1])
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return Problem(_dotted(path), error["input"], f"unknown field; allowed: {', '.join(known)}{hint}")
    allowed = _PLAIN_WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    return Problem(_dotted(path), error["input"], allowed[0].lower() + allowed[1:])


def _fields_at(path: Path) -> list[str]:
    """Names of the fields that the model allows at ``path``."""
    model: type[BaseModel] = ParkingLot
    for part in path:
        if isinstance(part, int):
            continue  # an element of a list, whose model is known already
        field = next(f for f in model.model_fields.values() if f.alias == part)
        kinds = (field.annotation, *get_args(field.annotation))
        model = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
    return [field.alias or name for name, field in model.model_fields.items()]


def _problems_of_the_rest(spec: object, errors: Sequence[ErrorDetails]) -> Iterator[Problem]:
    """Judge the rules whose fields are right: unknown fields are left out, wrong ones give way to their defaults."""
    within = [(_path(error)[1:], error["type"]) for error in errors if _path(error)[:1] == ("spec",)]
    if not isinstance(spec, Mapping):
        return
    unknown = {path for path, kind in within if kind == "extra_forbidden"}
    wrong = {path[:2] for path, kind in within if kind not in {"extra_forbidden", "invalid_key"}}
    try:
        rest = Spec.model_validate({"layout": {}, **_without(spec, unknown | wrong)}, strict=True, by_name=False)
    except ValidationError:
        return
    for rule, reads in RULES:
        if not any(_overlap(path, field) for path in wrong for field in reads):
            yield from rule(rest)


def _without(tree: Mapping[Any, Any], paths: set[Path]) -> dict[str, Any]:
    """Copy a mapping without what stands at ``paths`` and without keys that are no strings."""
    rest = {key: value for key, value in tree.items() if isinstance(key, str) and (key,) not in paths}
    for key, value in rest.items():
        if isinstance(value, Mapping):
            rest[key] = _without(value, {path[1:] for path in paths if path[0] == key})
    return rest


def _overlap(one: Path, other: Path) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _one_kind_of_layout(spec: Spec) -> Iterator[Problem]:
    if (spec.layout.rows is None) == (spec.layout.bays is None):
        yield Problem("spec.layout", spec.layout.document(), "should have either rows or bays, and not both")


def _not_too_many_bays(spec: Spec) -> Iterator[Problem]:
    if spec.layout.size > MAX_BAYS:
        yield Problem("spec.layout", spec.layout.size, f"at most {MAX_BAYS} bays")


def _bays_are_unique(spec: Spec) -> Iterator[Problem]:
    bays = spec.layout.bay_ids if spec.layout.size <= MAX_BAYS else ()
    if len(set(bays)) < len(bays):
        twice = sorted(bay for bay, times in Counter(bays).items() if times > 1)
        yield Problem("spec.layout", ", ".join(twice[:5]), "every bay should have a name of its own")


def _a_bay_for_each_camera(spec: Spec) -> Iterator[Problem]:
    bays = spec.layout.size
    if bays and spec.cameras.count > bays:
        yield Problem("spec.cameras.count", spec.cameras.count, f"at most one camera per bay: 1 to {bays}")


def _silent_cameras_exist(spec: Spec) -> Iterator[Problem]:
    silent = spec.cameras.faults.silent_cameras
    if silent > spec.cameras.count:
        allowed = f"at most all cameras: 0 to {spec.cameras.count}"
        yield Problem("spec.cameras.faults.silentCameras", silent, allowed)


def _intervals_are_positive(spec: Spec) -> Iterator[Problem]:
    for name, value in (
        ("spec.maxStay", spec.max_stay),
        ("spec.cameras.eventInterval", spec.cameras.event_interval),
        ("spec.cameras.exitInterval", spec.cameras.exit_interval),
        ("spec.sessions.trigger", spec.sessions.trigger),
        ("spec.kafka.retention", spec.kafka.retention),
        *_road_intervals(spec),
    ):
        if value == timedelta():
            yield Problem(name, "0s", "should be longer than nothing")


def _road_intervals(spec: Spec) -> Iterator[tuple[str, timedelta]]:
    if road := spec.road:
        yield "spec.road.reportInterval", road.report_interval
        yield "spec.road.retention", road.retention
        yield "spec.road.lake.trigger", road.lake.trigger


def _topics_differ(spec: Spec) -> Iterator[Problem]:
    names = (spec.topics.raw, spec.topics.processed, spec.topics.quarantine)
    if len(set(names)) < len(names):
        yield Problem("spec.topics", ", ".join(names), "should be three different topics")
    if spec.road:
        every = (*names, *spec.road.topics.names().values())
        if len(set(every)) < len(set(names)) + len(RoadTopic):
            told = ", ".join(spec.road.topics.names().values())
            yield Problem("spec.road.topics", told, "should be five different topics, and none of spec.topics")


def _a_bay_for_arrivals(spec: Spec) -> Iterator[Problem]:
    bays = spec.layout.size
    if spec.road and spec.road.bays and bays and spec.road.bays > bays:
        yield Problem("spec.road.bays", spec.road.bays, f"at most all bays: 1 to {bays}")


def _a_catalogue_with_its_address(spec: Spec) -> Iterator[Problem]:
    asked = spec.road.lake.catalogue if spec.road else None
    if asked and asked.type != "Glue" and (asked.type == "REST") != (asked.uri is not None):
        allowed = "an address with type REST, and none with type Embedded"
        yield Problem("spec.road.lake.catalogue.uri", asked.uri, allowed)


def _a_warehouse_for_glue(spec: Spec) -> Iterator[Problem]:
    if spec.road and spec.road.lake.catalogue.type == "Glue":
        warehouse = spec.road.lake.warehouse or ""
        if not is_object_storage(warehouse):
            yield Problem("spec.road.lake.warehouse", warehouse or None, "with type Glue: s3://bucket/folder")


def _a_partition_for_each_process(spec: Spec) -> Iterator[Problem]:
    if spec.sessions.engine == "Embedded" and spec.sessions.processes > spec.kafka.partitions:
        allowed = f"at most one process per partition (spec.kafka.partitions): 1 to {spec.kafka.partitions}"
        yield Problem("spec.sessions.processes", spec.sessions.processes, allowed)


def _one_place_for_the_checkpoint(spec: Spec) -> Iterator[Problem]:
    checkpoint = spec.sessions.checkpoint
    if checkpoint.location is not None and checkpoint.claim_name is not None:
        told = checkpoint.document()
        yield Problem("spec.sessions.checkpoint", told, "should have either location or claimName, or neither")


def _open_sessions_are_kept(spec: Spec) -> Iterator[Problem]:
    """An engine finds its open sessions in the processed topic, so their last updates have to be there still."""
    if timedelta(seconds=spec.sessions.timeout_seconds) >= spec.kafka.retention > timedelta():
        allowed = f"shorter than spec.kafka.retention ({format_duration(spec.kafka.retention)})"
        yield Problem("spec.sessions.timeoutSeconds", spec.sessions.timeout_seconds, allowed)


def _room_for_the_autoscaler(spec: Spec) -> Iterator[Problem]:
    most = spec.gateway.max_replicas
    if most is not None and most < spec.gateway.replicas:
        allowed = f"not below spec.gateway.replicas: {spec.gateway.replicas} to 100"
        yield Problem("spec.gateway.maxReplicas", most, allowed)


RULES: tuple[tuple[Callable[[Spec], Iterator[Problem]], tuple[Path, ...]], ...] = (
    (_one_kind_of_layout, (("layout",),)),
    (_not_too_many_bays, (("layout",),)),
    (_bays_are_unique, (("layout",),)),
    (_a_bay_for_each_camera, (("layout",), ("cameras", "count"))),
    (_silent_cameras_exist, (("cameras", "count"), ("cameras", "faults"))),
    (_intervals_are_positive, ()),
    (_topics_differ, (("topics",), ("road",))),
    (_a_bay_for_arrivals, (("layout",), ("road",))),
    (_a_catalogue_with_its_address, (("road",),)),
    (_a_warehouse_for_glue, (("road",),)),
    (_a_partition_for_each_process, (("sessions", "engine"), ("sessions", "processes"), ("kafka", "partitions"))),
    (_one_place_for_the_checkpoint, (("sessions", "checkpoint"),)),
    (_open_sessions_are_kept, (("sessions", "timeoutSeconds"), ("kafka", "retention"))),
    (_room_for_the_autoscaler, (("gateway", "replicas"), ("gateway", "maxReplicas"))),
)
"""Each rule with the fields it compares: it is not judged while one of them is wrong."""
