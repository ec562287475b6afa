"""The official JavaScript client of Socket.IO, run by node, as any dashboard has it."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.support.javascript import installed, node_and_npm

PROJECT = Path(__file__).parents[1] / "contract" / "js"


class JavaScriptClient:
    """The official client, run by node."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._events: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._events.put(json.loads(line))

    def emit(self, event: str, *data: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps([event, *data]) + "\n")
        self._process.stdin.flush()

    def next(self, event: str, seconds: float = 15, *, where: Callable[[Any], bool] = lambda _: True) -> Any:
        """Give the data of the next event of this name that is as wanted, passing over all others."""
        while True:
            told = self._events.get(timeout=seconds)
            if told["event"] == event and where(told["data"]):
                return told["data"]


@contextmanager
def javascript_client(url: str, transport: str) -> Iterator[JavaScriptClient]:
    folder, (node, _) = installed(PROJECT), node_and_npm()
    argv = [*node, str(folder / "client.mjs"), url, transport]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield JavaScriptClient(process)
    finally:
        process.kill()
        process.wait()
