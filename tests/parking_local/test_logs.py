"""Logs: their end, their growth, and the line that tells most."""

import threading
import time
from pathlib import Path

import pytest

from parking_local.logs import complaint, follow, last_lines, rotate


def test_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    assert last_lines(log, 3) == []
    log.write_text("".join(f"{n}\n" for n in range(50_000)))
    assert last_lines(log, 2) == ["49998", "49999"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("one\nValueError: no\n  at x\n\n", "ValueError: no"),
        ("2030 ERROR a: first\n2030 INFO b: last\n", "2030 ERROR a: first"),
        ("fine\nlast\n", "last"),
        ("", "no output"),
    ],
)
def test_complaint(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.log").write_text(text)
    assert complaint(tmp_path / "a.log") == told


def test_following_gives_whole_new_lines_across_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("old\n")
    lines = follow({"a": log, "absent": tmp_path / "b.log"}, interval=0.01)
    heard: list[tuple[str, str]] = []
    threading.Thread(target=lambda: [heard.append(next(lines)) for _ in range(3)], daemon=True).start()
    for text in ("one\ntw", "o\n"):
        time.sleep(0.05)
        with log.open("a") as file:
            file.write(text)
    deadline = time.monotonic() + 5
    while len(heard) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    rotate(log, limit=1)
    time.sleep(0.05)
    with log.open("a") as file:
        file.write("three\n")
    while len(heard) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert heard == [("a", "one"), ("a", "two"), ("a", "three")]
