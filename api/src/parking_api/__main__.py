"""The gateway's program: ``python -m parking_api --config DOC.json --port 5000``."""

import logging
import signal
import sys
from functools import partial

from parking.errors import ParkingError
from parking_api.app import create_app
from parking_api.intake import Intake
from parking_api.road_intake import RoadIntake
from parking_api.server import open_socket, web_server
from parking_api.settings import Settings

log = logging.getLogger("parking_api")


def main() -> int:
    """Run the gateway; gives the exit code."""
    # uvicorn raises the signal again when it is done, for whoever handled it before: the end is in order, so 0.
    for end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(end, lambda *_: sys.exit(0))
    try:
        settings = Settings.from_argv(sys.argv[1:])
        listener = open_socket(settings.host, settings.port)
    except ParkingError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    _log_to_stderr()
    document = settings.document
    road = partial(RoadIntake, document.bootstrap_servers, document.road) if document.road else None
    app = create_app(settings, partial(Intake, document.bootstrap_servers, document.topic), road_source=road)
    log.info("lot %s on http://%s:%d", document.lot, *listener.getsockname()[:2])
    server = web_server(app)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("parking_api.librdkafka").setLevel(logging.CRITICAL)  # intake says it once, and in words


if __name__ == "__main__":
    sys.exit(main())
