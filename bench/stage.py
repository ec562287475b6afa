"""Where benchmarks run: a broker and folders for the time being, topics for each run."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from events import PARTITIONS, create_topics, delete_topics

from parking_local.broker import Broker, BrokerSettings
from parking_local.ports import free_port

_TEARDOWN_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Task:
    """What a contender is to do: from one topic to another, for so many cars."""

    bootstrap: str
    name: str
    plates: int
    folder: Path
    partitions: int = PARTITIONS

    @property
    def raw(self) -> str:
        """Topic of the events."""
        return f"raw-{self.name}"

    @property
    def processed(self) -> str:
        """Topic of the sessions."""
        return f"processed-{self.name}"

    @property
    def topics(self) -> dict[str, str]:
        """All topics, as our documents name them."""
        return {"raw": self.raw, "processed": self.processed, "quarantine": f"quarantine-{self.name}"}


@dataclass(frozen=True)
class Stage:
    """A broker and a folder."""

    bootstrap: str
    folder: Path

    @contextmanager
    def task(self, name: str, plates: int, partitions: int = PARTITIONS) -> Iterator[Task]:
        """Make fresh topics and a folder for a run."""
        task = Task(self.bootstrap, name, plates, self.folder / name, partitions)
        (task.folder / "tmp").mkdir(parents=True)
        create_topics(self.bootstrap, partitions, *task.topics.values())
        yield task
        delete_topics(self.bootstrap, *task.topics.values())


@contextmanager
def stage() -> Iterator[Stage]:
    """Run a broker; it and its data are gone afterwards, also when this process is told to end."""
    for number in _TEARDOWN_SIGNALS:
        signal.signal(number, _interrupt)
    with tempfile.TemporaryDirectory(prefix="parking-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        broker = Broker(BrokerSettings(port=free_port(), data_dir=folder / "kafka"))
        try:
            broker.start()
            yield Stage(broker.bootstrap_servers, folder)
        finally:
            broker.stop()


def _interrupt(*_: object) -> None:
    """End in order; whoever asks once more has to wait for that."""
    for number in _TEARDOWN_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
