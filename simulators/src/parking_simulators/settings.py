"""What each subcommand is told on its command line and in its document."""

import argparse
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from parking.documents import CamerasDocument
from parking.errors import InvalidInputError, Problem
from parking.quantity import parse_duration
from parking.road_documents import RoadDocument
from parking_simulators.road.problems import problems_of_road


@dataclass(frozen=True)
class CamerasSettings:
    """For simulating cameras in real time."""

    document: CamerasDocument
    probe_port: int


@dataclass(frozen=True)
class ReplaySettings:
    """For playing a file of events."""

    file: Path
    bootstrap_servers: str
    topic: str
    speed: float
    shift_to_now: bool


@dataclass(frozen=True)
class RecordSettings:
    """For writing what simulated cameras would send into a file."""

    document: CamerasDocument
    start: datetime
    duration: timedelta
    output: Path


@dataclass(frozen=True)
class RoadSettings:
    """For simulating the vehicles of a road in real time."""

    document: RoadDocument
    probe_port: int


@dataclass(frozen=True)
class RoadRecordSettings:
    """For writing what the vehicles of a road would send into files."""

    document: RoadDocument
    start: datetime
    duration: timedelta
    output: Path


Settings = CamerasSettings | ReplaySettings | RecordSettings | RoadSettings | RoadRecordSettings


def read_settings(argv: Sequence[str]) -> Settings:
    """Read the command line and the document it names; raises ParkingError, or ends with 2 and one line."""
    options = _parser().parse_args(argv)
    if options.command == "replay":
        return ReplaySettings(
            options.file, options.bootstrap_servers, options.topic, options.speed, options.shift_to_now
        )
    if options.command.startswith("road"):
        return _road_settings(options)
    document = CamerasDocument.read(options.config)
    if problems := list(_problems(document)):
        raise InvalidInputError(str(options.config), problems)
    if options.command == "record":
        return RecordSettings(document, options.start, options.duration, options.output)
    return CamerasSettings(document, options.probe_port)


def _road_settings(options: argparse.Namespace) -> RoadSettings | RoadRecordSettings:
    document = RoadDocument.read(options.config)
    if problems := list(problems_of_road(document)):
        raise InvalidInputError(str(options.config), problems)
    if options.command == "road-record":
        return RoadRecordSettings(document, options.start, options.duration, options.output)
    return RoadSettings(document, options.probe_port)


def _problems(document: CamerasDocument) -> Iterator[Problem]:
    """Find what is wrong with a document beyond its single fields."""
    known, watched = set(document.all_bays), [bay for camera in document.cameras for bay in camera.bays]
    for bay, cameras in Counter(watched).items():
        if bay not in known:
            yield Problem("cameras.bays", bay, "should be one of allBays")
        if cameras > 1:
            yield Problem("cameras.bays", bay, "should be watched by one camera")
    if len(known) < len(document.all_bays):
        yield Problem("allBays", len(document.all_bays), "every bay should have a name of its own")
    if not document.exit_interval:
        yield Problem("exitInterval", "0s", "should be longer than nothing")
    if document.sighting_interval <= timedelta(0):
        yield Problem("eventInterval, timeoutSeconds", "0s", "should be longer than nothing")
    if not 0 <= document.seed < 2**63:
        yield Problem("seed", document.seed, "0 to 9223372036854775807")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line."""
        self.exit(2, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m parking_simulators", description="Cameras and vehicles, simulated or played from a file."
    )
    names = "cameras|replay|record|road|road-record"
    commands = parser.add_subparsers(dest="command", required=True, metavar=names)

    cameras = commands.add_parser("cameras", help="simulate cameras in real time")
    cameras.add_argument("--config", type=Path, required=True, help="document of the cameras, JSON")
    _add_probe_port(cameras)

    replay = commands.add_parser("replay", help="send the events of a file")
    replay.add_argument("file", type=Path, help="JSON lines, or Parquet (*.parquet)")
    replay.add_argument("--bootstrap-servers", required=True, help="host:port,…")
    replay.add_argument("--topic", default="raw-data", help="default: %(default)s")
    replay.add_argument("--speed", type=_speed, default=1.0, help="times faster than it happened, or max; default: 1")
    times = replay.add_mutually_exclusive_group()
    times.add_argument("--keep-timestamps", action="store_true", help="send events as they are (default)")
    times.add_argument("--shift-to-now", action="store_true", help="move all timestamps by as much, none ahead of now")

    record = commands.add_parser("record", help="write what simulated cameras would send into a file")
    record.add_argument("--config", type=Path, required=True, help="document of the cameras, JSON")
    _add_span(record)
    record.add_argument("--output", type=Path, required=True, help="file of JSON lines")

    road = commands.add_parser("road", help="simulate the vehicles of a road in real time")
    road.add_argument("--config", type=Path, required=True, help="document of the road, JSON")
    _add_probe_port(road)

    road_record = commands.add_parser("road-record", help="write what the vehicles of a road would send into files")
    road_record.add_argument("--config", type=Path, required=True, help="document of the road, JSON")
    _add_span(road_record)
    road_record.add_argument("--output", type=Path, required=True, help="folder of files of JSON lines, one per topic")
    return parser


def _add_probe_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--probe-port", type=_port, default=0, help="port of /healthz, /readyz, /metrics; 0: a free one"
    )


def _add_span(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--start", type=_start, required=True, help="for example 2026-01-01T00:00:00Z")
    parser.add_argument("--duration", type=_duration, required=True, help="for example 10m")


def _speed(text: str) -> float:
    try:
        speed = math.inf if text == "max" else float(text)
    except ValueError:
        speed = 0.0
    if not speed > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; a number above 0, or max")
    return speed


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; 0 to 65535")
    return int(text)


def _start(text: str) -> datetime:
    with suppress(ValueError):
        start = datetime.fromisoformat(text)
        if start.tzinfo is not None and start.timestamp() >= 0:
            return start
    allowed = "a time since 1970 with its zone, as 2026-01-01T00:00:00Z"
    raise argparse.ArgumentTypeError(f"{text!r} is not allowed; {allowed}")


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; {error}") from None
