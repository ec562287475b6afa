"""Command line: ``python -m parking_simulators cameras|replay|record|road|road-record``."""

import logging
import sys

from parking.errors import ParkingError
from parking_simulators.programs import run_cameras, run_record, run_replay
from parking_simulators.publish import ProducerFailedError
from parking_simulators.road.programs import run_road, run_road_record
from parking_simulators.settings import (
    CamerasSettings,
    RecordSettings,
    ReplaySettings,
    RoadRecordSettings,
    RoadSettings,
    Settings,
    read_settings,
)


def main() -> int:
    """Run the subcommand; 0 when it ended well, 1 when it failed on the way, 2 when its input is wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        return _run(read_settings(sys.argv[1:]))
    except ParkingError as error:
        print(error, file=sys.stderr)
        return 1 if isinstance(error, ProducerFailedError) else 2


def _run(settings: Settings) -> int:
    match settings:
        case CamerasSettings():
            return run_cameras(settings)
        case ReplaySettings():
            return run_replay(settings)
        case RecordSettings():
            return run_record(settings)
        case RoadSettings():
            return run_road(settings)
        case RoadRecordSettings():
            return run_road_record(settings)


if __name__ == "__main__":
    sys.exit(main())
