"""Asks a program's probe whether it is ready."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Programs of this machine are not behind the user's proxy."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a probe told: ready or not, and why not as far as it says."""

    ready: bool
    reason: str = ""


def ask(url: str, *, timeout: float = 1.0) -> Readiness:
    """Ask a /readyz; a program that does not answer is not ready."""
    try:
        with _OPENER.open(url, timeout=timeout):
            return Readiness(ready=True)
    except urllib.error.HTTPError as error:
        return Readiness(ready=False, reason=_reason(error.read()))
    except (OSError, HTTPException):
        return Readiness(ready=False)


def _reason(body: bytes) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("message") or told.get("reason") or "") if isinstance(told, dict) else ""
