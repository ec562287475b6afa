"""The images, built once for all tests."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from images.builders import find_builder
from images.tools import ToolError, ask
from tests.support.images import Image, ensure_images

Inside = Callable[..., str]
"""Runs a command in an image, as its own user, and gives what it says."""


@pytest.fixture(scope="session")
def built() -> Mapping[str, Image]:
    """All images, where the machine can build them."""
    missing = [tool for tool in ("buildah", "debootstrap") if shutil.which(tool) is None]
    why = f"images take root and {' and '.join(missing) or 'nothing else'}"
    if missing or os.geteuid() != 0:
        assert not os.environ.get("CI"), why
        pytest.skip(why)
    return ensure_images()


@pytest.fixture(scope="session")
def inside(built: Mapping[str, Image]) -> Inside:
    """``inside("jobs", "python", "-c", "…")``."""

    def run(name: str, *command: str) -> str:
        try:
            return find_builder("buildah").output(built[name].reference, *command)
        except ToolError as error:
            raise AssertionError(str(error)) from error

    return run


@pytest.fixture(scope="session")
def config(built: Mapping[str, Image]) -> Callable[[str], dict[str, Any]]:
    """``config("api")["User"]``: how an image is configured."""

    def of(name: str) -> dict[str, Any]:
        told = json.loads(ask("buildah", "inspect", "--type=image", built[name].reference))
        return told["OCIv1"]["config"]

    return of
