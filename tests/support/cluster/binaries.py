"""The programs of a Kubernetes cluster and its tools, built once from Go modules into the user's cache.

``python -m tests.support.cluster.binaries [NAME…]`` builds what is missing, of all or of those named, and prints their
folders. A folder is named by what it was built from and moved into place when complete, so a folder that exists is
complete. The first build is the largest; the others have the versions of its modules where that compiles, and take what
they share with it from Go's cache.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from parking_local.folders import cache_folder
from tests.support.cluster import crds
from tests.support.cluster.go import BuildError, go_environment, module_folder

SOURCES = Path(__file__).parents[2] / "cluster"
PARTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")
_VERSION = "k8s.io/component-base/version"
_LINKER_FLAGS = " ".join(
    (
        f"-s -w -X {_VERSION}.gitVersion=v1.34.4 -X {_VERSION}.gitMajor=1 -X {_VERSION}.gitMinor=34",
        f"-X {_VERSION}.gitCommit=none -X {_VERSION}.buildDate=1970-01-01T00:00:00Z",
    )
)


@dataclass(frozen=True, slots=True)
class Build:
    """A program built from one folder of sources; ``links`` are the names it can be called by."""

    name: str
    argv: tuple[str, ...]
    links: tuple[str, ...] = ()
    cost: str = "moments"

    @property
    def folder(self) -> Path:
        """Where the built program is kept, named by its sources and how it is built."""
        digest = hashlib.sha256(" ".join(self.argv).encode())
        for source in sorted((SOURCES / self.name).iterdir()):
            digest.update(source.read_bytes())
        return cache_folder() / "cluster" / f"{self.name}-{digest.hexdigest()[:12]}" / "bin"


KUBE = Build(
    "kube",
    ("-tags", "providerless", "-ldflags", _LINKER_FLAGS, "."),
    links=PARTS,
    cost="4 to 18 minutes on two cores, 4 GB in Go's caches",
)
_HELM = "helm.sh/helm/v3"
_HELM_FLAGS = " ".join(
    (
        f"-s -w -X {_HELM}/internal/version.version=v3.19.5",
        # Which Kubernetes it takes a chart to be meant for: what a build of its own does not know.
        *(
            f"-X {_HELM}/pkg/{package}.k8sVersionMajor=1 -X {_HELM}/pkg/{package}.k8sVersionMinor=34"
            for package in ("chartutil", "lint/rules")
        ),
    )
)
HELM = Build("helm", ("-ldflags", _HELM_FLAGS, f"{_HELM}/cmd/helm"), cost="20 s on two cores after kube")
_SMALL = "-ldflags", "-s -w"
COREDNS = Build("coredns", (*_SMALL, "."), cost="10 s on two cores after kube")
PAUSE = Build("pause", (*_SMALL, "."))
SPARK_OPERATOR = Build(
    "spark-operator", (*_SMALL, f"{crds.SPARK_OPERATOR[0]}/cmd/operator"), cost="20 s on two cores after kube"
)
_SKAFFOLD = "github.com/GoogleContainerTools/skaffold/v2"
SKAFFOLD = Build(
    "skaffold",
    ("-ldflags", f"-s -w -X {_SKAFFOLD}/pkg/skaffold/version.version=v2.16.1", f"{_SKAFFOLD}/cmd/skaffold"),
    cost="3 to 9 minutes on two cores",
)
VERSITYGW = Build(
    "versitygw", (*_SMALL, "github.com/versity/versitygw/cmd/versitygw"), cost="2 minutes on two cores after kube"
)
BUILDS = {build.name: build for build in (KUBE, HELM, COREDNS, PAUSE, SPARK_OPERATOR, SKAFFOLD, VERSITYGW)}
_OF_PROGRAM = {name: build for build in BUILDS.values() for name in (build.name, *build.links)}


def program(name: str) -> Path:
    """Give a program of KUBEBUILDER_ASSETS, or else the built one; raises BuildError when there is none."""
    if (assets := os.environ.get("KUBEBUILDER_ASSETS")) and (Path(assets) / name).exists():
        return Path(assets) / name
    build = _OF_PROGRAM[name]
    found = build.folder / name
    if not found.exists():
        verb = f"make cluster-binaries PROGRAMS={build.name}"
        raise BuildError(f"{name} is not built yet: run `{verb}` once, or set KUBEBUILDER_ASSETS")
    return found


def spark_operator_chart() -> Path:
    """Give the folder of the Spark operator's own Helm chart; downloads its Go module once, and raises BuildError."""
    module, version = crds.SPARK_OPERATOR

    def copy(partial: Path) -> None:
        # Only what is inside: the module's files and folders are read-only, and a cache has to be removable.
        published = module_folder(module, version) / "charts" / "spark-operator-chart"
        for file in published.rglob("*"):
            if file.is_file():
                kept = partial / file.relative_to(published)
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, kept)

    return _once(cache_folder() / "cluster" / f"spark-operator-chart-{version}", copy)


def ensure(build: Build) -> Path:
    """Give the folder of a program, building it first if it is not there; raises BuildError."""
    return _once(build.folder, lambda partial: _build(build, partial))


def _once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Give a folder, filled the first time, by one process only: whole or not at all."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / ".lock"):
            if not folder.is_dir():
                partial = folder.with_name("partial")
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                fill(partial)
                partial.rename(folder)
    return folder


def _build(build: Build, folder: Path) -> None:
    print(f"building {build.name} from Go modules, once: {build.cost}", flush=True)
    began = time.monotonic()
    _go_build([*build.argv[:-1], "-o", str(folder / build.name), build.argv[-1]], SOURCES / build.name)
    for link in build.links:
        (folder / link).symlink_to(build.name)
    print(f"built {build.name} in {time.monotonic() - began:.0f} s", flush=True)


def _go_build(arguments: list[str], sources: Path) -> None:
    """Run go build with its packages listed as they are compiled; raises BuildError with the end of its output."""
    environment: Mapping[str, str] = go_environment()
    command = [environment["GO"], "build", "-v", "-mod=readonly", *arguments]
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=sources, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as building:
        for count, line in enumerate(building.stdout or (), 1):
            lines = [*lines[-30:], line]
            if count % 100 == 0:
                print(f"  {count} packages, now {line.strip()}", flush=True)
    if building.returncode:
        raise BuildError(f"go build in {sources} failed; run it again to go on where it ended:\n{''.join(lines)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what is missing, and download charts and CRDs of others: tests then need no network."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.cluster.binaries")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BUILDS)}; all of them if none is named"
    )
    names = parser.parse_args(arguments).names
    if unknown := sorted({*names} - {*BUILDS}):
        parser.error(f"no such program: {', '.join(unknown)}; there are {', '.join(BUILDS)}")
    wanted = [BUILDS[name] for name in names] or [build for build in BUILDS.values() if not _given(build)]
    try:
        folders = [ensure(build) for build in wanted]
        crds.fetch()
        spark_operator_chart()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    for folder in folders:
        print(folder)
    return 0


def _given(build: Build) -> bool:
    """Whether KUBEBUILDER_ASSETS holds what most tests start; those of a whole node name kube themselves."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    return build is KUBE and assets is not None and all((Path(assets) / name).exists() for name in PARTS[:3])


if __name__ == "__main__":
    sys.exit(main())
