"""What a client of protocol 2 does: it puts the pages of a snapshot together."""

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

import socketio


@dataclass
class Snapshot:
    """A whole snapshot, and what came between its pages."""

    pages: list[dict[str, Any]] = field(default_factory=list)
    """What stands beside the bytes of each page."""
    held: list[dict[str, Any]] = field(default_factory=list)
    """What the bytes of each page hold."""
    between: list[Any] = field(default_factory=list)

    @property
    def sessions(self) -> list[dict[str, Any]]:
        return [session for page in self.held for session in page["sessions"]]

    @property
    def ended(self) -> list[dict[str, Any]]:
        return [session for page in self.held for session in page["ended"]]


async def read_snapshot(client: socketio.AsyncSimpleClient, seconds: float = 5) -> Snapshot:
    """Read on until a snapshot is complete."""
    read = Snapshot()
    while not read.pages or read.pages[-1]["page"] < read.pages[-1]["pages"]:
        event, *data = await client.receive(timeout=seconds)
        if event == "snapshot":
            page, packed = data
            read.pages.append(page)
            read.held.append(json.loads(gzip.decompress(packed)))
        else:
            read.between.append((event, data))
    return read
