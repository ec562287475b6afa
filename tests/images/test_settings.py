"""What the command line of images.build asks for."""

from pathlib import Path

import pytest

from images.build import NAMES, Settings, version
from images.builders import find_builder
from images.tools import ToolError


def test_all_images_are_built_with_the_version_as_tag() -> None:
    settings = Settings.from_argv([])
    assert settings.names == NAMES
    assert settings.base is None
    assert settings.reference("jobs") == f"localhost/parking/jobs:{version()}"
    assert settings.sbom is None


def test_images_are_named_as_the_chart_looks_for_them() -> None:
    settings = Settings.from_argv(["--registry", "registry.example.org:5000/", "--tag", "7", "api"])
    assert settings.names == ("api",)
    assert settings.reference("api") == "registry.example.org:5000/parking/api:7"


def test_lists_of_contents_lie_beside_saved_images_unless_told() -> None:
    assert Settings.from_argv(["--save", "here"]).sbom == Path("here")
    assert Settings.from_argv(["--save", "here", "--sbom", "there"]).sbom == Path("there")


def test_an_unknown_image_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Settings.from_argv(["api", "oprator"])
    assert "no image oprator; there are operator, jobs, api, simulators" in capsys.readouterr().err


def test_a_missing_builder_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=r"one of buildah, podman and docker.*apt-get install buildah"):
        find_builder()
    with pytest.raises(ToolError, match="images need podman"):
        find_builder("podman")


def test_the_first_builder_that_is_installed_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("docker", "podman"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_builder().name == "podman"
    assert find_builder("docker").name == "docker"
