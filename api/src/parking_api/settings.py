"""What one gateway process is told: its command line and its document, read once into one frozen object."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

from parking.documents import GatewayDocument
from parking.errors import InvalidInputError, ParkingError, Problem

MAX_HISTORY = 1_000_000


@dataclass(frozen=True)
class Settings:
    """The gateway's lot and where it listens."""

    document: GatewayDocument
    port: int
    """Port to listen on; 0 takes a free one."""
    host: str = "0.0.0.0"  # noqa: S104 - a gateway is there to be reached
    cors_origins: tuple[str, ...] = ("*",)
    """Pages of these origins may ask; "*" means any. The gateway's own page always may."""
    history: int = 10_000
    """How many ended sessions are kept to be listed."""

    @classmethod
    def from_argv(cls, argv: Sequence[str]) -> Self:
        """Read the command line and the document it names; raises ParkingError."""
        options = _parser().parse_args(argv)
        for name, value, allowed in (
            ("--port", options.port, range(65_536)),
            ("--history", options.history, range(1, MAX_HISTORY + 1)),
        ):
            if value not in allowed:
                told = Problem(name, value, f"allowed: {allowed[0]} to {allowed[-1]}")
                raise InvalidInputError("command line", [told])
        return cls(
            document=GatewayDocument.read(options.config),
            port=options.port,
            host=options.host,
            cors_origins=tuple(options.cors_origin),
            history=options.history,
        )


class _Parser(argparse.ArgumentParser):
    """Raises what is wrong as a ParkingError; argparse would print its usage over several lines."""

    def error(self, message: str) -> NoReturn:
        raise ParkingError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m parking_api",
        description="The lot, live and its history, over REST and Socket.IO",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, metavar="DOC.json", help="the gateway's document")
    parser.add_argument("--port", type=int, required=True, help="port to listen on; 0 takes a free one")
    parser.add_argument("--host", default=Settings.host, help="address to listen on")
    parser.add_argument("--cors-origin", nargs="+", default=["*"], metavar="ORIGIN", help="whose pages may ask")
    parser.add_argument("--history", type=int, default=Settings.history, help="ended sessions to keep")
    return parser
