"""The config.json of the older scripts becomes a manifest."""

from typing import Any

import pytest

from parking.errors import InvalidInputError
from parking.import_config import import_config
from parking.manifest import load_lot

ROWS = {"A": 10, "B": 10}
CONFIG: dict[str, Any] = {
    "kafka_servers": ["one:9092", "two:9092"],
    "num_cameras": 5,
    "duration_minutes": 30,
    "kafka_topic": "raw-data",
    "output_topic_sessions": "processed-data",
    "block_price": 20_000,
    "block_seconds": 300,
}


def test_every_key_finds_its_place() -> None:
    manifest, unknown = import_config(CONFIG, name="old", rows=ROWS)
    assert manifest == {
        "apiVersion": "parking.dev/v1alpha1",
        "kind": "ParkingLot",
        "metadata": {"name": "old"},
        "spec": {
            "layout": {"rows": ROWS},
            "kafka": {"bootstrapServers": "one:9092,two:9092"},
            "cameras": {"count": 5, "durationMinutes": 30},
            "topics": {"raw": "raw-data", "processed": "processed-data"},
            "tariff": {"blockPrice": 20_000, "blockSeconds": 300},
        },
    }
    assert unknown == []
    assert load_lot(manifest).spec.tariff.block_price == 20_000


def test_what_is_absent_or_null_keeps_its_default_and_unknown_keys_are_told() -> None:
    manifest, unknown = import_config({"duration_minutes": None, "zoom": 1, "angle": 2}, name="old", rows=ROWS)
    assert manifest["spec"] == {"layout": {"rows": ROWS}}
    assert unknown == ["angle", "zoom"]


def test_every_problem_is_told_by_the_key_of_the_config() -> None:
    with pytest.raises(InvalidInputError) as caught:
        import_config({**CONFIG, "num_cameras": 500, "block_price": "dear"}, name="old", rows=ROWS)
    assert {problem.path for problem in caught.value.problems} == {"num_cameras", "block_price"}


def test_a_config_is_a_mapping() -> None:
    with pytest.raises(InvalidInputError, match="should be a mapping"):
        import_config([1], name="old", rows=ROWS)
