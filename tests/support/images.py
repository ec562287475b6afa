"""The images that tests run in a cluster: the platform's four, and three of what works beside them.

Built on an image named by PARKING_IMAGE_BASE, or else on one made here of Debian's packages. Each is kept as a file in
the user's cache, named by its content: where nothing changed, asking for all of them takes seconds.
``python -m tests.support.images`` does no more than that.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock

from images.base import ensure_base
from images.build import NAMES, ROOT, Settings, build
from images.builders import Builder, find_builder
from images.tools import ToolError
from parking_local.folders import cache_folder
from tests.support.cluster import binaries
from tests.support.cluster.go import BuildError

_INPUTS = (
    *(".dockerignore", "uv.lock", "pyproject.toml", "*/pyproject.toml", "*/src/**/*"),
    *("images/**/*", "tests/images/*/*", "dashboard/*", "dashboard/scripts/*", "api/schemas/*"),
)
"""What goes into images: ours and those beside them."""
_MADE_OF_THEM = ("api/src/parking_api/dashboard", "dashboard/src/wire/generated")


@dataclass(frozen=True, slots=True)
class Image:
    """An image: whoever imports ``archive`` has it as ``reference``, which is another one for other content."""

    reference: str
    archive: Path


def settings() -> Settings:
    """How the platform's images are built here; raises ToolError.

    Without the commit: another one is no reason to bring the same programs into a cluster again.
    """
    return Settings(tag="tests", base=os.environ.get("PARKING_IMAGE_BASE") or ensure_base())


def ensure_images() -> Mapping[str, Image]:
    """Build what changed, and give all images by name; raises ToolError, or BuildError for programs in Go."""
    folder = cache_folder() / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        builder, ours = find_builder("buildah"), settings()
        known = folder / f"{_inputs(builder, ours)}.json"
        if not (images := _read(builder, known)):
            images = dict(_all(builder, ours, folder))
            for outdated in folder.glob("*.json"):
                outdated.unlink()
            told = {name: [image.reference, str(image.archive)] for name, image in images.items()}
            known.write_text(json.dumps(told))
        return images


def _inputs(builder: Builder, ours: Settings) -> str:
    """Name what images are made of by its content: where that is the same, even asking the builder would take long."""
    base = ours.base or ""
    digest = hashlib.sha256(f"{ours} {builder.identity(base) if builder.has(base) else base}".encode())
    for program in (binaries.SPARK_OPERATOR, binaries.PAUSE):
        digest.update(str(program.folder).encode())
    for pattern in _INPUTS:
        for path in sorted(path for path in ROOT.glob(pattern) if path.is_file() and path.suffix != ".pyc"):
            name = str(path.relative_to(ROOT))
            if not name.startswith(_MADE_OF_THEM):
                digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _read(builder: Builder, known: Path) -> Mapping[str, Image]:
    """Give the images that were made of the same, if all of them are still there."""
    told = json.loads(known.read_text()) if known.exists() else {}
    images = {name: Image(reference, Path(archive)) for name, (reference, archive) in told.items()}
    there = all(image.archive.exists() and builder.has(image.reference) for image in images.values())
    return images if there else {}


def _all(builder: Builder, ours: Settings, folder: Path) -> Iterator[tuple[str, Image]]:
    for name in NAMES:
        yield name, _kept(builder, folder, ours.reference(name), partial(build, builder, ours, name))
    for name, (reference, context, below) in _beside(ours).items():
        file = ROOT / "tests" / "images" / name / "Dockerfile"
        yield name, _kept(builder, folder, reference, partial(builder.build, file, context, reference, base=below))


def _beside(ours: Settings) -> dict[str, tuple[str, Path, str | None]]:
    """Give reference, context and base of the others. Two build on our jobs' image and so share its layers."""
    jobs = ours.reference("jobs")
    return {
        "broker": (ours.reference("broker"), ROOT, jobs),
        "spark-operator": (ours.reference("spark-operator"), binaries.ensure(binaries.SPARK_OPERATOR), jobs),
        "pause": (ours.reference("pause"), binaries.ensure(binaries.PAUSE), None),
    }


def _kept(builder: Builder, folder: Path, reference: str, build_it: Callable[[], object]) -> Image:
    """Build an image, and write it into a file unless its content is there already.

    It is tagged by its content: whoever is told of it notices a change.
    """
    began = time.monotonic()
    build_it()
    name, digest = reference.rpartition("/")[2].partition(":")[0], builder.identity(reference)[:12]
    image = Image(f"{reference.rpartition(':')[0]}:{digest}", folder / f"{name}-{digest}.tar")
    if not image.archive.exists():
        for outdated in folder.glob(f"{name}-[0-9a-f]*.tar*"):
            outdated.unlink()
        unfinished = image.archive.with_suffix(".tar.part")
        builder.tag(reference, image.reference)
        builder.save(image.reference, unfinished)
        unfinished.rename(image.archive)
    size = image.archive.stat().st_size / 1e6
    print(f"{image.reference}: {size:.0f} MB, {time.monotonic() - began:.0f} s", flush=True)
    return image


def main() -> int:
    """Build what changed; 1 with a message when that fails."""
    try:
        ensure_images()
    except (ToolError, BuildError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
