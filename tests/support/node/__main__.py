"""``python -m tests.support.node up|down|traces``: a cluster for tests and for trying things out."""

import argparse
import sys

from images.tools import ToolError
from tests.support.cluster.binaries import program
from tests.support.cluster.child import StartError
from tests.support.cluster.go import BuildError
from tests.support.images import ensure_images
from tests.support.node import cluster, kind, machine
from tests.support.node.place import Place
from tests.support.node.stack import stack_of


def main(argv: list[str]) -> int:
    """Run the command; 1 with a message when it fails, or when ``traces`` finds some."""
    parser = argparse.ArgumentParser("python -m tests.support.node", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "traces"))
    parser.add_argument("--images", action="store_true", help="down: remove what containerd keeps of images, too")
    options = parser.parse_args(argv)
    place = Place.default()
    try:
        if options.command == "up":
            _up(place)
        elif options.command == "down":
            _down(place, images=options.images)
    except (BuildError, StartError, ToolError) as error:
        print(error, file=sys.stderr)
        return 1
    found = machine.traces(place) if options.command == "traces" else []
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


def _up(place: Place) -> None:
    with_kind = kind.is_usable()
    if not with_kind and (why := machine.missing()):
        raise StartError(why)
    images = ensure_images()
    running = kind.up(place, images) if with_kind else cluster.up(place, images)
    print("installing a broker, the Spark operator and the chart", flush=True)
    stack_of(running, images).install()
    folders = {str(program(name).parent) for name in ("kubectl", "helm")}
    print(f"export KUBECONFIG={running.kubeconfig} PATH={':'.join(sorted(folders))}:$PATH")


def _down(place: Place, *, images: bool) -> None:
    cluster.down(place, images=images)
    if kind.is_usable():
        kind.down()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
