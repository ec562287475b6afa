"""Programs are built once, whole or not at all."""

import re
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
    monkeypatch.setattr(binaries, "spark_operator_chart", lambda: None)
    assert program("etcd") == tmp_path / "etcd"
    assert binaries.main([]) == 0
    assert capsys.readouterr().out.split() == ["helm", "coredns", "pause", "spark-operator", "skaffold", "versitygw"]
    assert binaries.main(["pause", "kube"]) == 0
    assert capsys.readouterr().out.split() == ["pause", "kube"]


def test_an_unknown_program_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        binaries.main(["helm", "helmet"])
    assert "no such program: helmet; there are kube, helm, coredns" in capsys.readouterr().err


def test_a_program_that_is_not_built_says_what_to_do(sources: Path) -> None:
    (sources.parent / "kube").mkdir()
    with pytest.raises(BuildError, match="`make cluster-binaries PROGRAMS=kube` once"):
        program("etcd")


@pytest.mark.parametrize("name", [*binaries.PARTS, *binaries.BUILDS])
def test_every_program_is_told_as_missing_by_its_build(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("PARKING_CACHE", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    with pytest.raises(BuildError, match=f"{name} is not built yet"):
        program(name)


def test_the_spark_operators_chart_is_kept_and_can_be_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    published = tmp_path / "module"
    templates = published / "charts" / "spark-operator-chart" / "templates"
    templates.mkdir(parents=True)
    (templates / "role.yaml").write_text("kind: Role\n")
    (templates / "role.yaml").chmod(0o444)
    templates.chmod(0o555)
    monkeypatch.setenv("PARKING_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(binaries, "module_folder", lambda *_: published)
    chart = binaries.spark_operator_chart()
    assert (chart / "templates" / "role.yaml").read_text() == "kind: Role\n"
    monkeypatch.setattr(binaries, "module_folder", lambda *_: pytest.fail("downloaded again"))
    assert binaries.spark_operator_chart() == chart
    assert (chart / "templates").stat().st_mode & 0o200


def test_the_spark_operator_is_as_old_as_its_chart_and_definitions() -> None:
    module, version = crds.SPARK_OPERATOR
    assert f"\t{module} {version} " in (binaries.SOURCES / "spark-operator" / "go.mod").read_text()


@pytest.mark.parametrize("name", ["helm", "coredns", "spark-operator"])
def test_modules_are_replaced_by_those_of_kube(name: str) -> None:
    # Any other version would be compiled for itself, and so would all that imports it: minutes of a first build.
    kube = replaced("kube")
    required = re.findall(r"^\t(\S+) (v\S+)", (binaries.SOURCES / "kube" / "go.mod").read_text(), re.MULTILINE)
    for module, version in replaced(name).items():
        assert version == (dict(required) | kube).get(module, version), module
    assert replaced(name)


def replaced(name: str) -> dict[str, str]:
    """Tell which modules a go.mod replaces by which version of theirs."""
    found = re.findall(r"^\t(\S+) => \1 (v\S+)$", (binaries.SOURCES / name / "go.mod").read_text(), re.MULTILINE)
    return dict(found)
