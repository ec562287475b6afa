"""What the API server wrote down about the requests it got."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request: ``verb`` is Kubernetes' (get, list, watch, create, patch, …), ``code`` the HTTP status."""

    verb: str
    user: str
    user_agent: str
    resource: str
    subresource: str
    namespace: str
    name: str
    code: int
    uri: str

    @property
    def writes(self) -> bool:
        """Whether it was meant to change something."""
        return self.verb not in {"get", "list", "watch"} and "dryRun" not in self.uri


def read_requests(log: Path, since: int = 0) -> list[Request]:
    """Give the requests written after byte ``since`` of the log, each once; a watch counts when it began.

    The newest may be missing for a moment after their answer.
    """
    with log.open("rb") as lines:
        lines.seek(since)
        found: dict[str, Request] = {}
        for line in lines:
            if line.endswith(b"\n"):
                entry = json.loads(line)
                found.setdefault(entry["auditID"], _request(entry))
    return list(found.values())


def _request(entry: dict[str, Any]) -> Request:
    target = entry.get("objectRef", {})
    return Request(
        verb=entry["verb"],
        user=entry["user"].get("username", ""),
        user_agent=entry.get("userAgent", ""),
        resource=target.get("resource", ""),
        subresource=target.get("subresource", ""),
        namespace=target.get("namespace", ""),
        name=target.get("name", ""),
        code=entry.get("responseStatus", {}).get("code", 0),
        uri=entry["requestURI"],
    )
