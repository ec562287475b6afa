"""Command line: ``python -m parking_simulators cameras|replay|record``."""

import logging
import sys

from parking.errors import ParkingError
from parking_simulators.programs import run_cameras, run_record, run_replay
from parking_simulators.publish import ProducerFailedError
from parking_simulators.settings import CamerasSettings, RecordSettings, read_settings


def main() -> int:
    """Run the subcommand; 0 when it ended well, 1 when it failed on the way, 2 when its input is wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = read_settings(sys.argv[1:])
        if isinstance(settings, CamerasSettings):
            return run_cameras(settings)
        return run_record(settings) if isinstance(settings, RecordSettings) else run_replay(settings)
    except ParkingError as error:
        print(error, file=sys.stderr)
        return 1 if isinstance(error, ProducerFailedError) else 2


if __name__ == "__main__":
    sys.exit(main())
