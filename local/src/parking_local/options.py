"""What ``parking up`` was asked for, read once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parking.errors import InvalidInputError, Problem
from parking.lot import Engine
from parking_local.ports import HOST

_SERVERS = r"[^\s:,]+:[0-9]{1,5}(,[^\s:,]+:[0-9]{1,5})*"
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line of ``parking up``; raises InvalidInputError for brokers that are none."""

    manifest: Path
    kafka: str | None = None
    """Brokers to use instead of an own one."""
    port: int = 5000
    kafka_port: int = 9092
    data: Path | None = None
    engine: Engine | None = None
    """Engine to use instead of the manifest's."""
    brokers: int = 1
    """Own brokers, as many as the manifest says; the ports of further ones follow ``kafka_port``."""

    def __post_init__(self) -> None:
        if problems := [*self._problems()]:
            raise InvalidInputError("command line", problems)

    def _problems(self) -> Iterator[Problem]:
        if self.kafka is not None:
            if not re.fullmatch(_SERVERS, self.kafka):
                yield Problem("--kafka", self.kafka, "should be host:port, or several with commas between")
        elif self.kafka_port + self.brokers - 1 > _LAST_PORT:
            allowed = f"should be the first of {self.brokers} ports: 1 to {_LAST_PORT - self.brokers + 1}"
            yield Problem("--kafka-port", self.kafka_port, allowed)
        elif self.port in self._kafka_ports:
            yield Problem(
                "--port", self.port, f"should be none that brokers take: {', '.join(map(str, self._kafka_ports))}"
            )

    @property
    def servers(self) -> str:
        """Brokers of the lot, its own or others'."""
        return self.kafka or ",".join(f"{HOST}:{port}" for port in self._kafka_ports)

    @property
    def ports(self) -> list[int]:
        """Ports of this machine that the lot will listen on."""
        return [self.port] if self.kafka else [self.port, *self._kafka_ports]

    @property
    def _kafka_ports(self) -> range:
        return range(self.kafka_port, self.kafka_port + self.brokers)

    def argv(self) -> list[str]:
        """Give the command line again, for a process in another folder."""
        argv = [str(self.manifest.absolute()), "--port", str(self.port), "--kafka-port", str(self.kafka_port)]
        argv += ["--kafka", self.kafka] if self.kafka else []
        argv += ["--engine", self.engine] if self.engine else []
        return argv + (["--data", str(self.data.absolute())] if self.data else [])
