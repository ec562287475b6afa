"""Fixtures and options that several packages' tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.broker import kafka_broker

# Property tests run on busy machines too: no deadline for a single example.
settings.register_profile("parking", deadline=None, max_examples=50)
settings.load_profile("parking")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew instead of comparing")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap servers of one real broker, shared by a whole run: use topic names of your own."""
    with kafka_broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.bootstrap_servers
