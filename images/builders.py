"""The programs that build images: the same few commands of buildah, podman and docker."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from images.tools import ToolError, ask, run, succeeds

BUILDERS = ("buildah", "podman", "docker")
_EPOCH = os.environ.get("SOURCE_DATE_EPOCH", "315532800")
"""The time of everything in an image, 1980 unless told: two builds of the same sources give the same image."""
_REPOSITORY = "PARKING_MAVEN_URL"
_PASSING = "sealing memfd"
"""Buildah 1.28 seals a copy of itself before it runs something, which Linux now and then finds busy."""


@dataclass(frozen=True, slots=True)
class Builder:
    """One of the programs, by its name."""

    name: str

    def build(
        self,
        dockerfile: Path,
        context: Path,
        reference: str,
        *,
        base: str | None = None,
        labels: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> None:
        """Build an image, if it is to be ``fresh`` without what was built before; raises ToolError.

        Labels are no arguments of the Dockerfile: buildah would take a label with another value for the same.
        """
        options = [*(("--build-arg", f"BASE={base}") if base else ()), *_surroundings()]
        for label, value in (labels or {}).items():
            options += ["--label", f"{label}={value}"]
        options += ["--no-cache"] if fresh else []
        common = [*options, "--tag", reference, "--file", str(dockerfile), str(context)]
        if self.name == "buildah":
            # Without a namespace of its own for each step: that works inside of containers too.
            run("buildah", "bud", "--isolation", "chroot", "--layers", "--timestamp", _EPOCH, *common, passing=_PASSING)
        elif self.name == "podman":
            run("podman", "build", "--layers", "--timestamp", _EPOCH, *common)
        else:
            run("docker", "build", "--build-arg", f"SOURCE_DATE_EPOCH={_EPOCH}", *common)

    def has(self, reference: str) -> bool:
        """Whether there is an image of this name."""
        asked = ("inspect", "--type=image") if self.name == "buildah" else ("image", "inspect")
        return succeeds(self.name, *asked, reference)

    def identity(self, reference: str) -> str:
        """Give an image's id, which names its content; raises ToolError when there is no such image."""
        if self.name == "buildah":
            return ask("buildah", "inspect", "--type=image", "--format", "{{.FromImageID}}", reference)
        return ask(self.name, "image", "inspect", "--format", "{{.Id}}", reference).removeprefix("sha256:")

    def output(self, reference: str, *command: str) -> str:
        """Run a command in an image as its own user, without a network, and give what it says; raises ToolError."""
        if self.name != "buildah":
            alone = ("--rm", "--network=none", f"--entrypoint={command[0]}")
            return ask(self.name, "run", *alone, reference, *command[1:])
        container = ask("buildah", "from", "--pull-never", reference)
        try:
            return ask("buildah", "run", "--isolation", "chroot", container, "--", *command, passing=_PASSING)
        finally:
            ask("buildah", "rm", container)

    def tag(self, reference: str, further: str) -> None:
        """Give an image a further name; raises ToolError."""
        ask(self.name, "tag", reference, further)

    def save(self, reference: str, archive: Path) -> None:
        """Write an image with its name into a file, for ``ctr images import`` or ``docker load``; raises ToolError."""
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.unlink(missing_ok=True)
        if self.name == "buildah":
            ask("buildah", "push", "--quiet", reference, f"docker-archive:{archive}:{reference}")
        else:
            ask(self.name, "save", "--output", archive, reference)


def find_builder(chosen: str | None = None) -> Builder:
    """Give the builder with this name, or the first one that is installed; raises ToolError."""
    for name in [chosen] if chosen else BUILDERS:
        if shutil.which(name):
            return Builder(name)
    wanted = chosen or "one of buildah, podman and docker"
    raise ToolError(f"images need {wanted}, which is not installed: apt-get install {chosen or 'buildah'}")


def _surroundings() -> list[str]:
    """Hand over what downloads need on this machine, for the time of the build only."""
    trusted = os.environ.get("SSL_CERT_FILE")
    repository = ["--build-arg", _REPOSITORY] if _REPOSITORY in os.environ else []
    return [*(["--secret", f"id=ca,src={trusted}"] if trusted else []), *repository]
