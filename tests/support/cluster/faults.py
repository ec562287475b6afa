"""Decides which requests a fault strikes."""

import random
import threading
from collections.abc import Callable
from typing import Any, Literal

_REASONS = {
    409: ("Conflict", "Operation cannot be fulfilled: the object has been modified"),
    429: ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
    500: ("InternalError", "an error on the server has prevented the request from succeeding"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
}


class Refusals:
    """Strikes a number or a share of requests with an error status; which ones follows from the seed."""

    def __init__(
        self,
        status: int,
        times: int | None,
        probability: float,
        seed: int,
        writes_only: bool,
        retry_after: int | None,
    ) -> None:
        self.status = status
        self.retry_after = retry_after
        self._left = times
        self._probability = probability
        self._random = random.Random(seed)
        self._writes_only = writes_only

    def strikes(self, *, writes: bool) -> bool:
        """Whether this request is refused; counts it."""
        if self._left == 0 or (self._writes_only and not writes):
            return False
        if self._random.random() >= self._probability:
            return False
        if self._left is not None:
            self._left -= 1
        return True

    def body(self) -> dict[str, Any]:
        """Give the answer, as the API server words it."""
        reason, message = _REASONS.get(self.status, ("Unknown", "an error that nobody expects"))
        words = {"status": "Failure", "reason": reason, "message": message, "code": self.status}
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, **words}


class CrashPoint:
    """Strikes the n-th write and everything after it. ``struck`` is set when ``act`` has returned."""

    def __init__(self, write: int, act: Callable[[], None], *, done: bool) -> None:
        self.done = done
        self.struck = threading.Event()
        self._act = act
        self._left = write

    def strike(self, *, writes: bool) -> Literal["no", "now", "after"]:
        """Count a request; tells whether it is before the crash, the write at which it comes, or after that."""
        if self._left <= 0:
            return "after"
        self._left -= writes
        return "now" if self._left <= 0 else "no"

    def act(self) -> None:
        """Do what the test asked for."""
        self._act()
        self.struck.set()
