"""The program that installs wheels."""

import shutil
from pathlib import Path

from parking_local.folders import cache_folder


def uv() -> Path:
    """Give its path: the system's, or the one that the Makefile brings; it need not be there."""
    return Path(shutil.which("uv") or cache_folder() / "tools" / "uv" / "bin" / "uv")
