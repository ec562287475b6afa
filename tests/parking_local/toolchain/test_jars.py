"""Jars: downloaded once, resumed, verified, from the user's mirror."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking_local.ports import free_port
from parking_local.toolchain import maven
from parking_local.toolchain.jars import JarSet, pinned, resolve
from tests.support.mirror import Mirror, maven_mirror

FIRST, SECOND = "org.example:first:1.0", "org.example.sub:second_2.13:2.0"


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Mirror]:
    with maven_mirror() as running:
        monkeypatch.setenv("PARKING_MAVEN_URL", running.url)
        monkeypatch.setenv("PARKING_CACHE", str(tmp_path / "cache"))
        yield running


def test_a_second_call_asks_nobody(mirror: Mirror) -> None:
    jars = JarSet("pair", {FIRST: mirror.add(FIRST, b"one"), SECOND: mirror.add(SECOND, b"two")})
    heard: list[tuple[str, int, int]] = []
    paths = resolve(jars, notify=lambda *arrived: heard.append(arrived))
    assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert {jar for jar, _, _ in heard} == {"first 1.0", "second_2.13 2.0"}
    assert [(done, total) for _, done, total in heard] == [(1, 2), (2, 2)]
    mirror.asked.clear()
    assert resolve(jars) == paths
    assert mirror.asked == []


def test_an_interrupted_download_goes_on_where_it_ended(mirror: Mirror) -> None:
    jars = JarSet("pair", {FIRST: mirror.add(FIRST, b"one"), SECOND: mirror.add(SECOND, b"two")})
    kept = mirror.jars.pop(SECOND)
    with pytest.raises(ParkingError, match=r"second_2\.13 2\.0 from http://127.* not found .*\n.*same command again"):
        resolve(jars)
    mirror.jars[SECOND] = kept
    mirror.asked.clear()
    heard: list[tuple[str, int, int]] = []
    paths = resolve(jars, notify=lambda *arrived: heard.append(arrived))
    assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert heard == [("second_2.13 2.0", 2, 2)]
    assert "first-1.0.jar" not in mirror.asked


def test_other_bytes_than_pinned_are_refused_and_not_kept(mirror: Mirror) -> None:
    pin = mirror.add(FIRST, b"good")
    mirror.add(FIRST, b"evil")
    with pytest.raises(ParkingError, match=r"checksum of first-1\.0\.jar from http://127.* not the one pinned"):
        resolve(JarSet("single", {FIRST: pin}))
    mirror.add(FIRST, b"good")
    assert [path.read_bytes() for path in resolve(JarSet("single", {FIRST: pin}))] == [b"good"]


def test_two_at_once_download_once(mirror: Mirror) -> None:
    jars = JarSet("single", {FIRST: mirror.add(FIRST, b"one")})
    both = [threading.Thread(target=resolve, args=(jars,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert mirror.asked.count("first-1.0.jar") == 1


def test_a_connection_that_breaks_is_tried_again(mirror: Mirror) -> None:
    jars = JarSet("single", {FIRST: mirror.add(FIRST, b"whole")})
    mirror.breaks = 2
    assert [path.read_bytes() for path in resolve(jars)] == [b"whole"]
    assert mirror.asked.count("first-1.0.jar") == 3


def test_a_mirror_that_is_away_is_told(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    away = f"http://127.0.0.1:{free_port()}/maven"
    monkeypatch.setenv("PARKING_MAVEN_URL", away)
    with pytest.raises(ParkingError, match=f"download of first 1.0 from {away} failed: .*refused"):
        resolve(JarSet("single", {FIRST: mirror.add(FIRST, b"one")}))


def test_other_pins_are_another_folder(tmp_path: Path) -> None:
    assert JarSet("x", {FIRST: "aa"}).folder != JarSet("x", {FIRST: "bb"}).folder


def test_the_pinned_sets_are_complete() -> None:
    assert any(jar.startswith("org.apache.kafka:kafka_2.13:") for jar in pinned("kafka-broker").pins)
    assert len(pinned("spark-kafka").pins) == 4
    assert all(len(pin) == 64 for name in ("kafka-broker", "spark-kafka") for pin in pinned(name).pins.values())


def test_the_mirror_of_the_users_maven_settings_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PARKING_MAVEN_URL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert maven.repository() is None
    (tmp_path / ".m2").mkdir()
    (tmp_path / ".m2" / "settings.xml").write_text(
        '<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"><mirrors>'
        "<mirror><mirrorOf>internal-only</mirrorOf><url>http://no/</url></mirror>"
        "<mirror><mirrorOf>central,other</mirrorOf><url>http://yes/maven</url></mirror></mirrors></settings>"
    )
    assert maven.repository() == "http://yes/maven"
