"""Builds the dashboard: ``python -m parking_local.dashboard [NPM ARGUMENT…]``.

With arguments it runs npm with them in the dashboard's folder, so that who has Node from a wheel only can do all that
others do.
"""

import sys

from parking.errors import ParkingError
from parking_local.dashboard.build import Checkout, alone, build, install, is_built, npm
from parking_local.toolchain.node import find_node


def main(arguments: list[str]) -> int:
    """Build if sources changed, or run npm; gives the exit code."""
    try:
        checkout = Checkout.here()
        if arguments:
            with alone():
                install(checkout, find_node())
            return npm(checkout, find_node(), *arguments)
        with alone():
            if not is_built(checkout):
                print("building the dashboard", flush=True)
                build(checkout, find_node())
    except ParkingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
