"""Builds the platform's images: ``python -m images.build [NAME…]``, or ``make images``.

An image is tagged REGISTRY/parking/NAME:TAG, which is where the chart looks for it. Needs Python and a builder.
"""

import argparse
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from images import sbom
from images.builders import BUILDERS, Builder, find_builder
from images.tools import ToolError

ROOT = Path(__file__).parents[1]
NAMES = ("operator", "jobs", "api", "simulators")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What to build, of what, and where to put it."""

    names: tuple[str, ...] = NAMES
    base: str | None = None
    """None: what the Dockerfiles name."""
    registry: str = "localhost"
    tag: str
    builder: str | None = None
    source: str | None = None
    revision: str | None = None
    save: Path | None = None
    sbom: Path | None = None
    """None: beside the saved images, if they are saved."""
    fresh: bool = False

    @classmethod
    def from_argv(cls, argv: list[str]) -> "Settings":
        """Read the command line."""
        parser = argparse.ArgumentParser("images.build", description="Builds the images of the parking platform.")
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all unless told")
        parser.add_argument("--base", help="image with Debian and Python ≥ 3.11 to build on")
        parser.add_argument("--registry", default="localhost", metavar="PREFIX", help="where images are named to be")
        parser.add_argument("--tag", default=version(), help="the version unless told")
        parser.add_argument("--builder", choices=BUILDERS, help="the first that is installed unless told")
        parser.add_argument("--source", metavar="URL", help="where the sources are published")
        parser.add_argument("--save", type=Path, metavar="FOLDER", help="write FOLDER/NAME.tar")
        parser.add_argument("--sbom", type=Path, metavar="FOLDER", help="write FOLDER/NAME.cdx.json")
        parser.add_argument("--fresh", action="store_true", help="take nothing from builds before, as for updates")
        args = parser.parse_args(argv)
        if unknown := sorted(set(args.names) - set(NAMES)):
            parser.error(f"no image {', '.join(unknown)}; there are {', '.join(NAMES)}")
        chosen = {"names": tuple(args.names) or NAMES, "sbom": args.sbom or args.save, "revision": revision()}
        return cls(**{**vars(args), **chosen})

    def reference(self, name: str) -> str:
        """Give the full name of an image."""
        return f"{self.registry.rstrip('/')}/parking/{name}:{self.tag}"


def version() -> str:
    """Give the platform's version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def revision() -> str | None:
    """Give the commit that is checked out, if git knows one."""
    try:
        asked = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def build(builder: Builder, settings: Settings, name: str) -> None:
    """Build one image, and write what is wanted of it; raises ToolError."""
    reference = settings.reference(name)
    facts = {"version": version(), "revision": settings.revision, "source": settings.source}
    labels = {f"org.opencontainers.image.{fact}": value for fact, value in facts.items() if value}
    file = ROOT / "images" / name / "Dockerfile"
    builder.build(file, ROOT, reference, base=settings.base, labels=labels, fresh=settings.fresh)
    if settings.save:
        builder.save(reference, settings.save / f"{name}.tar")
    if settings.sbom:
        settings.sbom.mkdir(parents=True, exist_ok=True)
        listed = builder.output(reference, "python", "-c", Path(sbom.__file__).read_text(), reference)
        (settings.sbom / f"{name}.cdx.json").write_text(listed + "\n")


def main(argv: list[str]) -> int:
    """Build all that are asked for; exit code 1 when one fails."""
    settings = Settings.from_argv(argv)
    try:
        builder = find_builder(settings.builder)
        for name in settings.names:
            began = time.monotonic()
            build(builder, settings, name)
            print(f"{settings.reference(name)} in {time.monotonic() - began:.0f} s", flush=True)
    except ToolError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
