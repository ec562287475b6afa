"""Where the local world keeps things: downloads that can be had again, and data that cannot."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Folder of everything that can be downloaded or built again; PARKING_CACHE moves it."""
    chosen = os.environ.get("PARKING_CACHE")
    return Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parking"


def data_folder(lot: str) -> Path:
    """Folder of a lot's own data: topics, checkpoint, logs."""
    base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "parking" / lot
