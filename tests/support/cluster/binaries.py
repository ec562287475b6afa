"""The programs of a Kubernetes control plane and Helm, built once from Go modules into the user's cache.

``python -m tests.support.cluster.binaries`` builds what is missing and prints the folder. A folder is named by what it
was built from and moved into place when complete, so a folder that exists is complete.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from parking_local.folders import cache_folder
from tests.support.cluster import crds
from tests.support.cluster.go import BuildError, go_environment

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
    cost="9 to 18 minutes on two cores, 4 GB in Go's caches",
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
HELM = Build("helm", ("-ldflags", _HELM_FLAGS, f"{_HELM}/cmd/helm"), cost="4 to 8 minutes on two cores")


def program(name: str) -> Path:
    """Give a program of KUBEBUILDER_ASSETS, or else the built one; raises BuildError when there is none."""
    if (assets := os.environ.get("KUBEBUILDER_ASSETS")) and (Path(assets) / name).exists():
        return Path(assets) / name
    found = (HELM if name == "helm" else KUBE).folder / name
    if not found.exists():
        raise BuildError(f"{name} is not built yet: run `make cluster-binaries` once, or set KUBEBUILDER_ASSETS")
    return found


def ensure(build: Build) -> Path:
    """Give the folder of a program, building it first if it is not there; raises BuildError."""
    folder = build.folder
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / ".lock"):
            if not folder.is_dir():
                _build(build, folder)
    return folder


def _build(build: Build, folder: Path) -> None:
    print(f"building {build.name} from Go modules, once: {build.cost}", flush=True)
    partial = folder.with_name("partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    began = time.monotonic()
    _go_build([*build.argv[:-1], "-o", str(partial / build.name), build.argv[-1]], SOURCES / build.name)
    for link in build.links:
        (partial / link).symlink_to(build.name)
    partial.rename(folder)
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


def main() -> int:
    """Build what is missing, and download the CRDs of others: tests then need no network."""
    try:
        folders = [ensure(build) for build in (KUBE, HELM) if not _given(build)]
        crds.fetch()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    for folder in folders:
        print(folder)
    return 0


def _given(build: Build) -> bool:
    """Whether KUBEBUILDER_ASSETS holds the parts that tests start."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    return build is KUBE and assets is not None and all((Path(assets) / name).exists() for name in PARTS[:3])


if __name__ == "__main__":
    sys.exit(main())
