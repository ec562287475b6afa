"""Turns the config.json of the older scripts into a manifest."""

from collections.abc import Mapping
from typing import Any

from parking.errors import InvalidInputError, Problem
from parking.lot import API_VERSION, KIND
from parking.manifest import load_lot

_PLACES = {
    "kafka_servers": "spec.kafka.bootstrapServers",
    "num_cameras": "spec.cameras.count",
    "duration_minutes": "spec.cameras.durationMinutes",
    "kafka_topic": "spec.topics.raw",
    "output_topic_sessions": "spec.topics.processed",
    "block_price": "spec.tariff.blockPrice",
    "block_seconds": "spec.tariff.blockSeconds",
}
"""Where each key of a config.json goes."""


def import_config(config: object, *, name: str, rows: Mapping[str, int]) -> tuple[dict[str, Any], list[str]]:
    """Give the manifest that a config.json stands for, and its keys that mean nothing here.

    The older scripts did not know the layout: ``rows`` gives the number of bays per row. Raises InvalidInputError
    with every problem, by the keys of the config.json.
    """
    if not isinstance(config, Mapping):
        raise InvalidInputError("config", [Problem("(root)", config, "should be a mapping")])
    manifest: dict[str, Any] = {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": name}}
    manifest["spec"] = {"layout": {"rows": dict(rows)}}
    for key, place in _PLACES.items():
        if config.get(key) is not None:
            _put(manifest, place, config[key])
    try:
        load_lot(manifest)
    except InvalidInputError as error:
        raise InvalidInputError("config", [_by_key(problem) for problem in error.problems]) from error
    return manifest, sorted(str(key) for key in config if key not in _PLACES)


def _put(manifest: dict[str, Any], place: str, value: Any) -> None:
    *sections, field = place.split(".")
    for section in sections:
        manifest = manifest.setdefault(section, {})
    manifest[field] = ",".join(map(str, value)) if isinstance(value, list) else value


def _by_key(problem: Problem) -> Problem:
    key = next((key for key, place in _PLACES.items() if place == problem.path), problem.path)
    return Problem(key, problem.value, problem.allowed)
