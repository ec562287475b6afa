"""Builds a base image on this machine, for places that reach a Debian mirror but no image registry.

``python -m images.base`` gives localhost/parking-base:bookworm: Debian 12 with its Python 3.11, which is what the
Dockerfiles expect of their BASE. Nothing happens when it is there already; ``--fresh`` builds it anew, which brings
Debian's updates.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from images.tools import ToolError, ask, need, run, succeeds

BASE_IMAGE = "localhost/parking-base:bookworm"
_SUITE = "bookworm"
_PACKAGES = "ca-certificates,python3-venv,python-is-python3"

# What only people at a terminal would miss, what every build has differently, and what tells of this machine.
_UNNEEDED = (
    *("usr/share/info/*", "usr/share/man/*", "usr/share/locale/*", "usr/share/lintian/*"),
    *("var/cache/apt/*", "var/cache/debconf/*", "var/cache/ldconfig/*", "var/lib/apt/lists/*", "var/log/*"),
    *("var/lib/dpkg/*-old", "etc/hostname", "etc/resolv.conf", "tmp/*", "run/*"),
)


def ensure_base() -> str:
    """Give the base image's name, building it first if it is not there; raises ToolError."""
    need("buildah", why="a base image without a registry")
    if not succeeds("buildah", "inspect", "--type=image", BASE_IMAGE):
        build_base()
    return BASE_IMAGE


def build_base() -> None:
    """Build the base image; raises ToolError."""
    need("debootstrap", "buildah", "tar", why="a base image without a registry")
    if os.geteuid() != 0:
        raise ToolError("a base image without a registry takes root: its files belong to several users")
    with tempfile.TemporaryDirectory(prefix="parking-base-") as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        run("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, root)
        _upgrade(root)
        released = _released(root)
        _clean(root)
        # Clamped, not set: compiled Python is valid only beside a source of the very time it was compiled from.
        times = (f"--mtime=@{released.timestamp():.0f}", "--clamp-mtime")
        run("tar", "--create", "--file", archive, "--sort=name", "--numeric-owner", *times, "--directory", root, ".")
        _commit(archive)


def _upgrade(root: Path) -> None:
    """Bring what Debian mended since."""
    sources = root / "etc/apt/sources.list"
    mirror = sources.read_text().split()[1].rstrip("/")
    sources.write_text(f"deb {mirror} {_SUITE} main\ndeb {mirror}-security {_SUITE}-security main\n")
    for step in (("update",), ("upgrade", "--yes")):
        run("chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", *step)


def _released(root: Path) -> datetime:
    """Tell when Debian published the newest of what was installed."""
    releases = (path.read_text() for path in (root / "var/lib/apt/lists").glob("*Release"))
    dates = (re.search(r"^Date: (.+)$", text, re.MULTILINE) for text in releases)
    return max(parsedate_to_datetime(date[1]) for date in dates if date)


def _clean(root: Path) -> None:
    for pattern in _UNNEEDED:
        for path in root.glob(pattern):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in (root / "usr/share/doc").rglob("*"):
        if path.name != "copyright" and (path.is_symlink() or path.is_file()):
            path.unlink()


def _commit(archive: Path) -> None:
    container = ask("buildah", "from", "scratch")
    try:
        ask("buildah", "add", container, archive, "/")
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        ask("buildah", "config", "--env", path, "--cmd", "python", container)
        ask("buildah", "commit", container, BASE_IMAGE)
    finally:
        ask("buildah", "rm", container)


def main(argv: list[str]) -> int:
    """Build what is not there."""
    parser = argparse.ArgumentParser("images.base", description=f"Builds {BASE_IMAGE} from Debian's packages.")
    parser.add_argument("--fresh", action="store_true", help="build it even if it is there")
    args = parser.parse_args(argv)
    try:
        if args.fresh:
            build_base()
        print(ensure_base())
    except ToolError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
