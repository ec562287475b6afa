"""Jars are downloaded for what a lot runs, and for nothing else."""

import io
from typing import Any

import pytest
from rich.console import Console

from parking.lot import API_VERSION, KIND
from parking.manifest import load_lot
from parking_local import downloads

EMBEDDED = {"sessions": {"engine": "Embedded"}}


@pytest.mark.parametrize(
    ("spec", "own_broker", "sets"),
    [
        (EMBEDDED, True, ["kafka-broker"]),
        (EMBEDDED, False, []),
        ({}, True, ["kafka-broker", "spark-kafka"]),
        ({}, False, ["spark-kafka"]),
        ({**EMBEDDED, "road": {}}, False, ["spark-kafka", "spark-lake"]),
        ({"road": {"lake": {"warehouse": "s3://lake/w"}}}, False, ["spark-kafka", "spark-lake", "spark-lake-aws"]),
    ],
)
def test_what_is_downloaded(
    spec: dict[str, Any], own_broker: bool, sets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(downloads.jars, "resolve", lambda jars, notify: asked.append(jars.name))
    told = {"layout": {"rows": {"A": 2}}, **spec}
    lot = load_lot({"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": "a"}, "spec": told})
    downloads.fetch(lot, Console(file=io.StringIO()), own_broker=own_broker)
    assert asked == sets
