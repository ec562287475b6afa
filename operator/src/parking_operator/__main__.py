"""The operator: ``python -m parking_operator run|release|crd``; each verb explains itself with --help."""

import argparse
import asyncio
import logging
import sys

from parking_operator.settings import Settings, add_namespaces, add_run_options


def main(argv: list[str]) -> int:
    """Run a verb. Exit code 2 for wrong arguments, 1 when the verb failed."""
    parser = argparse.ArgumentParser("parking_operator", description="Keeps car parks as their ParkingLots say.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    add_run_options(verbs.add_parser("run", help="look after lots until SIGTERM"))
    release = verbs.add_parser("release", help="stop the operator and let go of all lots, before it is uninstalled")
    release.add_argument("--operator", required=True, metavar="NAMESPACE/DEPLOYMENT", help="the Deployment to stop")
    add_namespaces(release)
    verbs.add_parser("crd", help="print the definition of ParkingLot")
    options = parser.parse_args(argv)
    if options.verb == "crd":
        from parking_operator.crd import crd
        from parking_operator.objects import to_yaml

        sys.stdout.write(to_yaml([crd()]))
        return 0
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("kopf").setLevel(logging.WARNING)
    if options.verb == "release":
        from parking_operator.release import release_all

        return release_all(options.operator, tuple(options.namespace))
    return asyncio.run(_run(Settings.from_options(options)))


async def _run(settings: Settings) -> int:
    from parking_operator.running import Operator

    await Operator(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
