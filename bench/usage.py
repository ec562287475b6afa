"""What processes use, watched from outside: CPU, memory, and where they say their time goes."""

import re
import threading
import time
import urllib.request
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

import psutil

from parking_local.ports import HOST

CPU, BATCHES = "cpu", "batches"
_INTERVAL = 0.5
_PHASE = re.compile(r'^parking_sessions_phase_seconds_total\{phase="(\w+)"\} (\S+)$', re.MULTILINE)
_BATCHES = re.compile(r"^parking_sessions_batch_seconds_count (\S+)$", re.MULTILINE)
_TIMEOUT = 5


class Usage:
    """What process trees spend over time, sampled from a thread; and their memory (proportional share).

    Seconds of CPU under the name ``CPU``; and what the programs at ``probes`` (ports) tell of: ``BATCHES``, and
    seconds in each phase of the main loop under its own name.
    """

    def __init__(self, pids: Sequence[int], probes: Sequence[int] = ()) -> None:
        self._pids, self._probes = pids, probes
        self._cpu: dict[int, float] = {}
        self._samples: list[tuple[float, Mapping[str, float]]] = []
        self._stop = threading.Event()
        self.now_bytes = self.peak_bytes = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self._sample()
            if self._stop.wait(_INTERVAL):
                break

    def _sample(self) -> None:
        memory = 0
        for process in processes(self._pids):
            try:
                # Those that have ended still count with what they had used.
                self._cpu[process.pid] = _cpu_of(process)
                memory += process.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue
        self._samples.append((time.time(), told(self._probes) | {CPU: sum(self._cpu.values())}))
        self.now_bytes = memory
        self.peak_bytes = max(self.peak_bytes, memory)

    def between(self, begin: float, end: float) -> dict[str, float]:
        """Give what was spent between two wall times, interpolated."""
        first, last = self._at(begin), self._at(end)
        return {name: last[name] - first.get(name, 0.0) for name in last}

    def _at(self, moment: float) -> Mapping[str, float]:
        index = bisect_left(self._samples, moment, key=lambda sample: sample[0])
        if index in {0, len(self._samples)}:
            return self._samples[min(index, len(self._samples) - 1)][1]
        (t0, before), (t1, after) = self._samples[index - 1], self._samples[index]
        share = (moment - t0) / (t1 - t0)
        return {name: before.get(name, 0.0) + (after[name] - before.get(name, 0.0)) * share for name in after}


def processes(pids: Sequence[int]) -> Iterator[psutil.Process]:
    """Give those of some processes that live, and all they started."""
    for pid in pids:
        try:
            root = psutil.Process(pid)
            yield from (root, *root.children(recursive=True))
        except psutil.NoSuchProcess:
            continue


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU seconds that process trees have used until now."""
    return sum(_cpu_of(process) for process in processes(pids))


def memory_mb(pids: Sequence[int]) -> dict[str, int]:
    """Memory of process trees: resident, and the proportional share of it, in which shared pages count once."""
    found = [process.memory_full_info() for process in processes(pids)]
    return {"resident": sum(m.rss for m in found) >> 20, "proportional": sum(m.pss for m in found) >> 20}


def told(probes: Sequence[int]) -> dict[str, float]:
    """Sum up what the programs at some ports say of their batches and phases since they began."""
    total: defaultdict[str, float] = defaultdict(float)
    for text in map(_metrics, probes):
        for name, value in (*_PHASE.findall(text), *((BATCHES, value) for value in _BATCHES.findall(text))):
            total[name] += float(value)
    return dict(total)


def metric(probe: int, name: str) -> float:
    """Give a metric of the program at a port; 0 while it does not tell."""
    found = re.search(rf"^{name} (\S+)$", _metrics(probe), re.MULTILINE)
    return float(found[1]) if found else 0.0


def _metrics(port: int) -> str:
    """What a program says of itself; nothing before it listens."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=_TIMEOUT) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:
        return ""


def _cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
