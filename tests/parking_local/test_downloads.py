"""Jars are downloaded for what a lot runs, and for nothing else."""

import io

import pytest
from rich.console import Console

from parking.lot import Engine
from parking_local import downloads


@pytest.mark.parametrize(
    ("engine", "own_broker", "sets"),
    [
        ("Embedded", True, ["kafka-broker"]),
        ("Embedded", False, []),
        ("Spark", True, ["kafka-broker", "spark-kafka"]),
        ("Spark", False, ["spark-kafka"]),
    ],
)
def test_what_is_downloaded(engine: Engine, own_broker: bool, sets: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(downloads.jars, "resolve", lambda jars, notify: asked.append(jars.name))
    downloads.fetch(engine, Console(file=io.StringIO()), own_broker=own_broker)
    assert asked == sets
