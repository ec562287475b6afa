"""Log files of the programs: kept small, read from their end, followed as they grow."""

import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024


def rotate(log: Path, *, limit: int = MAX_BYTES) -> None:
    """Move a large log's content to ``<log>.1``; its writer, who appends, goes on in the emptied file."""
    try:
        if log.stat().st_size < limit:
            return
    except FileNotFoundError:
        return
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    with log.open("r+b") as file:
        file.truncate()


def last_lines(log: Path, count: int) -> list[str]:
    """Give the last lines of a log, as far as its last 64 KiB hold them."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 65_536))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []


def complaint(log: Path) -> str:
    """Give the line that most likely tells why a program ended: its last one about an error, else its last one."""
    lines = [line.strip() for line in last_lines(log, 50) if line.strip()]
    errors = [line for line in lines if re.search(r"ERROR|Error\b|Exception\b", line)]
    return (errors or lines or ["no output"])[-1][:300]


def follow(logs: Mapping[str, Path], *, interval: float = 0.3) -> Iterator[tuple[str, str]]:
    """Yield (name, line) as lines are added to any of the logs, for ever."""
    places = {name: _size(log) for name, log in logs.items()}
    while True:
        for name, log in logs.items():
            if _size(log) < places[name]:  # rotated
                places[name] = 0
            if _size(log) > places[name]:
                with log.open("rb") as file:
                    file.seek(places[name])
                    added = file.read()
                whole = added[: added.rfind(b"\n") + 1]
                places[name] += len(whole)
                yield from ((name, line) for line in whole.decode(errors="replace").splitlines())
        time.sleep(interval)


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0
