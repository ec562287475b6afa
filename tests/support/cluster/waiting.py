"""Waits for what others bring about."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], *, timeout: float = 30, what: str = "") -> T:
    """Look until there is something to see, and give it; an AssertionError after ``timeout`` seconds.

    A look that fails itself by an AssertionError counts as nothing seen, and its message is told.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            seen = look()
            why = what or f"still {seen!r}"
        except AssertionError as error:
            seen, why = None, str(error)
        if seen:
            return seen
        assert time.monotonic() < deadline, f"not within {timeout:.0f} s: {why}"
        time.sleep(0.05)
