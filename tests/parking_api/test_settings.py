import json
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking_api.settings import Settings
from tests.support.live_gateway import BAYS, LOT, gateway_document


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "gateway.json"
    path.write_text(json.dumps(gateway_document("localhost:9092", "processed-data").document()))
    return str(path)


def test_a_document_and_a_port_are_enough(config):
    settings = Settings.from_argv(["--config", config, "--port", "5000"])
    assert (settings.document.lot, settings.document.bays) == (LOT, BAYS)
    assert (settings.port, settings.host, settings.cors_origins) == (5000, "0.0.0.0", ("*",))


def test_everything_can_be_chosen(config):
    argv = [
        "--config",
        config,
        "--port",
        "0",
        "--host",
        "::1",
        "--history",
        "5",
        "--cors-origin",
        "http://a",
        "http://b",
    ]
    settings = Settings.from_argv(argv)
    assert (settings.port, settings.host, settings.history) == (0, "::1", 5)
    assert settings.cors_origins == ("http://a", "http://b")


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([], "required: --config, --port"),
        (["--port", "many"], "--port: invalid int value: 'many'"),
        (["--config", "CONFIG", "--port", "70000"], "--port: 70000 is not allowed; allowed: 0 to 65535"),
        (["--config", "CONFIG", "--port", "1", "--history", "0"], "--history: 0 is not allowed; allowed: 1 to 1000000"),
        (["--config", "/nowhere.json", "--port", "1"], "/nowhere.json cannot be read"),
        (["--config", "CONFIG", "--port", "1", "--colour", "red"], "unrecognized arguments: --colour red"),
    ],
)
def test_what_is_wrong_is_named(config, argv, told):
    with pytest.raises(ParkingError) as caught:
        Settings.from_argv([config if word == "CONFIG" else word for word in argv])
    assert told in str(caught.value)
