"""Asks a running gateway for sessions, over its REST interface."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Self

from parking.errors import ParkingError

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Stay:
    """A session as the gateway tells it; two with the same key are the same session at different times."""

    location: str
    license_plate: str
    status: str
    start_time: int
    duration: int
    cost: int

    @property
    def key(self) -> tuple[str, str, int]:
        """What names the session."""
        return self.license_plate, self.location, self.start_time

    @classmethod
    def read(cls, told: dict[str, Any]) -> Self:
        """Pick the fields out of a record."""
        return cls(**{name: told[name] for name in cls.__slots__})


def stays(url: str, *, closed: int = 20) -> list[Stay]:
    """Give all open sessions, and the newest ended ones; raises ParkingError."""
    return [*map(Stay.read, _get(url, "sessions/active", "active_sessions")), *_ended(url, closed)]


def _ended(url: str, limit: int) -> Iterator[Stay]:
    return map(Stay.read, _get(url, f"sessions/closed?limit={limit}", "closed_sessions")) if limit else iter(())


def _get(url: str, path: str, part: str) -> list[dict[str, Any]]:
    try:
        with _OPENER.open(f"{url}/api/{path}", timeout=5) as answer:
            told: list[dict[str, Any]] = json.load(answer)[part]
            return told
    except (OSError, HTTPException, ValueError, KeyError) as error:
        raise ParkingError(f"the gateway at {url} does not tell its sessions: {error}") from error
