"""One car park for the tests of this folder: its manifest is imported from a config.json of the older scripts."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from tests.support.platform import Platform

CONFIG = {
    "kafka_servers": ["localhost:9092"],
    "num_cameras": 3,
    "kafka_topic": "raw-data",
    "output_topic_sessions": "processed-data",
    "block_price": 10_000,
    "block_seconds": 600,
}


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A lot that is up, with simulated cars in it."""
    folder = tmp_path_factory.mktemp("older")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    argv = [sys.executable, "-m", "parking_local", "import-config", str(folder / "config.json")]
    manifest = yaml.safe_load(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    with Platform(manifest, folder) as started:
        yield started.wait_live()
