"""Reading a manifest so that every problem is told at once, each with its path, value and what is allowed."""

import copy
import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from parking.errors import InvalidInputError, Problem
from parking.lot import MAX_BAYS, ParkingLot, Spec

Path = tuple[int | str, ...]


def load_lot(manifest: object) -> ParkingLot:
    """Check a manifest (plain mappings and lists, as YAML gives them); raises InvalidInputError with every problem.

    A rule that looks at two fields is judged even when some third field is wrong: fields that are wrong by
    themselves are set aside first, so that their defaults stand in.
    """
    if not isinstance(manifest, Mapping):
        raise InvalidInputError("manifest", [Problem("(root)", manifest, "should be a mapping with kind ParkingLot")])
    lot, errors = _validate(manifest)
    problems = [_problem(error) for error in errors]
    wrong = {_path(error) for error in errors}
    if lot is None:
        lot, _ = _validate(_without(manifest, wrong))
    if lot is not None:
        problems += [problem for problem in _rules(lot.spec) if not _touches(problem.path, wrong)]
    if problems:
        name = manifest.get("metadata", {}).get("name", "?") if isinstance(manifest.get("metadata"), Mapping) else "?"
        raise InvalidInputError(f"ParkingLot {name}", problems)
    assert lot is not None
    return lot


def _validate(manifest: Mapping[str, Any]) -> tuple[ParkingLot | None, list[ErrorDetails]]:
    try:
        return ParkingLot.model_validate(manifest), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _path(error: ErrorDetails) -> Path:
    """Location of an error; pydantic marks a wrong mapping key by a trailing "[key]"."""
    return tuple(part for part in error["loc"] if part != "[key]")


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
    allowed = error["msg"].removeprefix("Value error, ")
    return Problem(_dotted(path), error["input"], allowed[0].lower() + allowed[1:])


def _fields_at(path: Path) -> list[str]:
    """Names of the fields that the model allows at ``path``."""
    model: type[BaseModel] = ParkingLot
    for part in path:
        field = next(f for f in model.model_fields.values() if f.alias == part)
        kinds = (field.annotation, *get_args(field.annotation))
        model = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
    return [field.alias or name for name, field in model.model_fields.items()]


def _without(manifest: Mapping[str, Any], paths: set[Path]) -> dict[str, Any]:
    """Copy a manifest without what stands at ``paths``."""
    rest = copy.deepcopy(dict(manifest))
    for path in sorted(paths, key=len, reverse=True):
        place: Any = rest
        for part in path[:-1]:
            place = place.get(part, {}) if isinstance(place, dict) else {}
        if isinstance(place, dict) and path:
            place.pop(path[-1], None)
    return rest


def _touches(dotted: str, wrong: set[Path]) -> bool:
    """Whether a rule's field was set aside, so that the rule judged a default."""
    return any(_dotted(path).startswith(dotted) or dotted.startswith(_dotted(path)) for path in wrong)


def _rules(spec: Spec) -> Iterator[Problem]:
    for rule in RULES:
        yield from rule(spec)


def _one_kind_of_layout(spec: Spec) -> Iterator[Problem]:
    if (spec.layout.rows is None) == (spec.layout.bays is None):
        yield Problem("spec.layout", spec.layout.document(), "should have either rows or bays, and not both")


def _bays_are_unique(spec: Spec) -> Iterator[Problem]:
    bays = spec.layout.bay_ids
    if len(bays) > MAX_BAYS:
        yield Problem("spec.layout", len(bays), f"at most {MAX_BAYS} bays")
    if len(set(bays)) < len(bays):
        twice = sorted({bay for bay in bays if bays.count(bay) > 1}) if len(bays) < 5_000 else ["some"]
        yield Problem("spec.layout", ", ".join(twice[:5]), "every bay should have a name of its own")


def _a_bay_for_each_camera(spec: Spec) -> Iterator[Problem]:
    bays = len(spec.layout.bay_ids)
    if bays and spec.cameras.count > bays:
        yield Problem("spec.cameras.count", spec.cameras.count, f"at most one camera per bay: 1 to {bays}")
    if spec.cameras.faults.silent_cameras > spec.cameras.count:
        allowed = f"at most all cameras: 0 to {spec.cameras.count}"
        yield Problem("spec.cameras.faults.silentCameras", spec.cameras.faults.silent_cameras, allowed)


def _intervals_are_positive(spec: Spec) -> Iterator[Problem]:
    for name, value in (
        ("spec.cameras.eventInterval", spec.cameras.event_interval),
        ("spec.cameras.exitInterval", spec.cameras.exit_interval),
        ("spec.sessions.trigger", spec.sessions.trigger),
        ("spec.kafka.retention", spec.kafka.retention),
    ):
        if not value:
            yield Problem(name, "0s", "should be longer than nothing")


def _topics_differ(spec: Spec) -> Iterator[Problem]:
    names = (spec.topics.raw, spec.topics.processed, spec.topics.quarantine)
    if len(set(names)) < len(names):
        yield Problem("spec.topics", ", ".join(names), "should be three different topics")


RULES: tuple[Callable[[Spec], Iterator[Problem]], ...] = (
    _one_kind_of_layout,
    _bays_are_unique,
    _a_bay_for_each_camera,
    _intervals_are_positive,
    _topics_differ,
)
