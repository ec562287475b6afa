"""Programs are built once, whole or not at all."""

from pathlib import Path

import pytest

from tests.support.cluster import binaries, crds
from tests.support.cluster.binaries import Build, ensure, program
from tests.support.cluster.go import BuildError

pytestmark = pytest.mark.cluster

PROGRAM = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("built") }\n'


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Folder of a tiny Go program's sources, with a cache of its own."""
    folder = tmp_path / "sources" / "tiny"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module example.org/tiny\n\ngo 1.24\n")
    (folder / "main.go").write_text(PROGRAM)
    monkeypatch.setattr(binaries, "SOURCES", folder.parent)
    monkeypatch.setenv("PARKING_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return folder


def test_a_program_is_built_once(sources: Path) -> None:
    build = Build("tiny", (".",), links=("alias",))
    folder = ensure(build)
    assert (folder / "alias").samefile(folder / "tiny")
    built = (folder / "tiny").stat().st_mtime_ns
    assert ensure(build) == folder
    assert (folder / "tiny").stat().st_mtime_ns == built


def test_other_sources_are_another_build(sources: Path) -> None:
    build = Build("tiny", (".",))
    first = build.folder
    (sources / "main.go").write_text(PROGRAM.replace("built", "built anew"))
    assert build.folder != first


def test_what_fails_leaves_nothing_that_looks_built(sources: Path) -> None:
    (sources / "main.go").write_text("package main\n\nfunc main() { missing() }\n")
    build = Build("tiny", (".",))
    with pytest.raises(BuildError, match="undefined: missing"):
        ensure(build)
    assert not build.folder.exists()
    (sources / "main.go").write_text(PROGRAM)
    assert (ensure(build) / "tiny").exists()


def test_programs_that_the_user_has_are_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("etcd", "kube-apiserver", "kube-controller-manager"):
        (tmp_path / name).touch()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setattr(binaries, "ensure", lambda build: Path(build.name))
    monkeypatch.setattr(crds, "fetch", lambda: None)
    assert program("etcd") == tmp_path / "etcd"
    assert binaries.main() == 0
    assert capsys.readouterr().out.split() == ["helm"]


def test_a_program_that_is_not_built_says_what_to_do(sources: Path) -> None:
    (sources.parent / "kube").mkdir()
    with pytest.raises(BuildError, match="make cluster-binaries"):
        program("etcd")
