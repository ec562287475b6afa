"""What ``parking up`` was asked for, read once."""

import re
from dataclasses import dataclass
from pathlib import Path

from parking.errors import InvalidInputError, Problem
from parking.lot import Engine
from parking_local.ports import HOST

_SERVERS = r"[^\s:,]+:[0-9]{1,5}(,[^\s:,]+:[0-9]{1,5})*"


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

    def __post_init__(self) -> None:
        if self.kafka is not None and not re.fullmatch(_SERVERS, self.kafka):
            problem = Problem("--kafka", self.kafka, "should be host:port, or several with commas between")
            raise InvalidInputError("command line", [problem])

    @property
    def servers(self) -> str:
        """Brokers of the lot, its own or others'."""
        return self.kafka or f"{HOST}:{self.kafka_port}"

    @property
    def ports(self) -> list[int]:
        """Ports of this machine that the lot will listen on."""
        return [self.port] if self.kafka else [self.port, self.kafka_port]

    def argv(self) -> list[str]:
        """Give the command line again, for a process in another folder."""
        argv = [str(self.manifest.absolute()), "--port", str(self.port), "--kafka-port", str(self.kafka_port)]
        argv += ["--kafka", self.kafka] if self.kafka else []
        argv += ["--engine", self.engine] if self.engine else []
        return argv + (["--data", str(self.data.absolute())] if self.data else [])
