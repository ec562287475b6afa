from collections.abc import Iterator

import pytest

from tests.support.live_gateway import Served, served_gateway


@pytest.fixture(scope="module")
def gateway() -> Iterator[Served]:
    """One gateway for a module's tests, rebuilt from an empty topic."""
    with served_gateway() as served:
        served.source.give()
        yield served
