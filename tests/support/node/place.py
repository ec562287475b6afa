"""Where a cluster of one node keeps its files, and the addresses that its parts agree on."""

from dataclasses import dataclass
from pathlib import Path

from parking_local.folders import cache_folder

NODE = "node"
ADDRESS = "10.99.0.1"
"""The node's address, one of our own on the loopback interface: it never moves."""
API_PORT = 6443
SERVICES, API_SERVICE = "10.96.0.0/16", "10.96.0.1"
PODS = "10.244.0.0/24"
BRIDGE = "parking0"
"""The interface at which all pods are."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of a cluster. ``images`` outlives it, so that images are brought in once; ``state`` does not."""

    root: Path

    @classmethod
    def default(cls) -> "Place":
        """Give the one place on this machine: its addresses allow for one cluster only."""
        return cls(cache_folder() / "node")

    @property
    def state(self) -> Path:
        """Everything that belongs to one life of the cluster."""
        return self.root / "state"

    @property
    def images(self) -> Path:
        """Where containerd keeps images."""
        return self.root / "containerd"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.root / "kubeconfig"

    @property
    def run(self) -> Path:
        """Sockets and mounts, gone after a reboot."""
        return Path("/run/parking-node")

    @property
    def socket(self) -> Path:
        """Where containerd listens."""
        return self.run / "containerd.sock"

    def make_folders(self) -> None:
        """Make what the programs expect to be there."""
        for folder in (self.images, self.run, *(self.state / name for name in ("log", "pki", "cni", "volumes"))):
            folder.mkdir(parents=True, exist_ok=True)
