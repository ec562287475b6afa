"""A real cluster with a real broker, the real Spark operator and our chart; one for all tests of this folder.

The files run in the order of their names: the last one uninstalls everything.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.support.images import ensure_images
from tests.support.node import cluster, kind, machine
from tests.support.node.place import Place
from tests.support.node.running_lot import RunningLot
from tests.support.node.stack import LOTS, Stack, stack_of

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Everything that a lot needs. A cluster that was up before stays up."""
    with_kind = kind.is_usable()
    if not with_kind and (why := machine.missing()):
        assert not os.environ.get("CI"), why
        pytest.skip(why)
    place = Place.default()
    stays = not with_kind and cluster.is_up(place)
    images = ensure_images()
    running = kind.up(place, images) if with_kind else cluster.up(place, images)
    try:
        whole = stack_of(running, images)
        whole.install()
        yield whole
    finally:
        if with_kind:
            kind.down()
        elif not stays:
            cluster.down(place)
            assert machine.traces(place) == []


@pytest.fixture(scope="session")
def lot(stack: Stack) -> RunningLot:
    """The small lot of the examples, on Spark, at work."""
    small = RunningLot(stack, "small")
    small.apply(EXAMPLES / "small.yaml")
    small.edit(cameras={"source": "Simulated", "count": 2}, gateway={"replicas": 1})  # if it was here before
    small.open_to_the_outside()
    small.wait_ready(timeout=400)
    return small


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the pods were doing when a test failed."""
    report = yield
    found = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(found, Stack):
        report.sections.append(("Cluster", _picture(found)))
    return report


def _picture(stack: Stack) -> str:
    asked = [
        ("get", "pods", "--all-namespaces", "--output=wide"),
        ("get", "lots", "--namespace", LOTS, "--output=yaml"),
        ("get", "events", "--namespace", LOTS, "--sort-by=.lastTimestamp"),
        ("logs", "--namespace", LOTS, "--selector=app.kubernetes.io/part-of=parking", "--tail=25", "--prefix"),
        ("logs", "--namespace", "parking-system", "--selector=app.kubernetes.io/part-of=parking", "--tail=40"),
    ]
    told = []
    for argv in asked:
        try:
            told.append(f"$ kubectl {' '.join(argv)}\n{stack.tools.kubectl(*argv, timeout=20)[-8_000:]}")
        except AssertionError as error:
            told.append(str(error))
    return "\n".join(told)
