"""Does something at a steady rate, from a thread of its own."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def steadily(rate: float, send: Callable[[int], None]) -> Iterator[None]:
    """Call ``send`` with 0, 1, 2 and so on, ``rate`` times a second; what was late is caught up with."""
    stop = threading.Event()

    def go_on() -> None:
        begun = time.time()
        number = 0
        while not stop.wait(max(0.0, begun + number / rate - time.time())):
            send(number)
            number += 1

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
