"""Writes small programs that start others a little differently than these start by themselves."""

import os
from pathlib import Path


def wrapper(path: Path, script: str) -> Path:
    """Give a program that is this script. Whoever starts it meanwhile gets all of it, as it was or as it is."""
    if not path.exists() or path.read_text() != script:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_text(script)
        fresh.chmod(0o755)
        fresh.replace(path)
    return path
