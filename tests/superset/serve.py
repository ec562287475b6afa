"""Runs in Superset's own environment: sets a Superset up as its manual says, and serves it on a port."""

import logging
import sys

from flask.cli import ScriptInfo
from superset.app import create_app
from superset.cli.main import superset
from werkzeug.serving import run_simple


def main(port: int, user: str, password: str) -> None:
    """Make its tables, a user and its roles, then serve."""
    app = create_app()
    names = ["--firstname", "A", "--lastname", "B", "--email", "a@example.org"]
    for command in (
        ["db", "upgrade"],
        ["fab", "create-admin", "--username", user, "--password", password, *names],
        ["init"],
    ):
        superset.main(command, standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))
    for name in logging.root.manager.loggerDict:  # migrations silence them
        logging.getLogger(name).disabled = False
    run_simple("127.0.0.1", port, app, threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
