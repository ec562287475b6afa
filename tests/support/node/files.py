"""The configuration files of the node's programs, and what a new cluster holds."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.support.node.place import ADDRESS, BRIDGE, NODE, PODS, Place

VOLUMES = 8
_COREFILE = """\
. {{
  bind {address}
  errors
  health {address}:8181
  kubernetes cluster.local in-addr.arpa {{
    kubeconfig {kubeconfig}
    fallthrough in-addr.arpa
  }}
  forward . /etc/resolv.conf
  cache 5
}}
"""
_CONTAINERD = """\
version = 2
root = "{root}"
state = "{run}/containerd"
[grpc]
  address = "{socket}"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true  # where this process may not lower scores, containers keep its own
  sandbox_image = "{pause}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{state}/cni"
"""


def write(place: Place, *, etcd_ports: list[int], pause: str) -> None:
    """Write the files that the programs are started with; ``pause`` is the image that holds a pod's namespaces."""
    state = place.state
    fields = {"root": place.images, "run": place.run, "socket": place.socket, "state": state, "pause": pause}
    (state / "containerd.toml").write_text(_CONTAINERD.format(**fields))
    (state / "Corefile").write_text(_COREFILE.format(address=ADDRESS, kubeconfig=state / "dns.conf"))
    (state / "cni" / "10-parking.conflist").write_text(json.dumps(_network(place)))
    _yaml(state / "kubelet.yaml", _kubelet(place))
    _yaml(state / "proxy.yaml", _proxy(place))
    (state / "etcd-ports").write_text(" ".join(map(str, etcd_ports)))


def cluster_objects(place: Place) -> list[dict[str, Any]]:
    """Give what every cluster has: rights of its DNS server, and volumes for claims."""
    return [*_dns_rights(), _storage_class(), *(volume(place, number) for number in range(VOLUMES))]


def volume(place: Place, number: int) -> dict[str, Any]:
    """Give a volume in a folder of its own. One node: every pod of it may write there."""
    folder = place.state / "volumes" / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"volume-{number}"},
        "spec": {
            "capacity": {"storage": "2Gi"},
            "accessModes": ["ReadWriteOnce", "ReadWriteMany"],
            "storageClassName": "standard",
            "persistentVolumeReclaimPolicy": "Retain",
            "local": {"path": str(folder)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }


def _storage_class() -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def _dns_rights() -> list[dict[str, Any]]:
    name, group = "system:coredns", "rbac.authorization.k8s.io"
    read = ["list", "watch"]
    rules = [
        {"apiGroups": [""], "resources": ["services", "pods", "namespaces", "endpoints"], "verbs": read},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": read},
    ]
    role = {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": group, "kind": "User", "name": name}],
    }
    return [role, binding]


def _network(place: Place) -> dict[str, Any]:
    addresses = {"type": "host-local", "dataDir": str(place.run / "addresses"), "ranges": [[{"subnet": PODS}]]}
    bridge = {"type": "bridge", "bridge": BRIDGE, "isGateway": True, "ipMasq": True, "hairpinMode": True}
    bridge["ipam"] = {**addresses, "routes": [{"dst": "0.0.0.0/0"}]}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "parking", "plugins": [bridge, ports]}


def _kubelet(place: Place) -> dict[str, Any]:
    pki = place.state / "pki"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(pki / "kubelet.key"),
        "containerRuntimeEndpoint": f"unix://{place.socket}",
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [ADDRESS],
        "clusterDomain": "cluster.local",
        "resolvConf": "/etc/resolv.conf",
        "podLogsDir": str(place.state / "pods"),
        "evictionHard": {"memory.available": "200Mi"},  # never for a disk that is rather full
        "imageGCHighThresholdPercent": 100,  # an image that was brought in by hand stays
        "serializeImagePulls": False,
        "registryPullQPS": 0,
    }


def _proxy(place: Place) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "hostnameOverride": NODE,
        "clientConnection": {"kubeconfig": str(place.state / "proxy.conf")},
        "clusterCIDR": PODS,
        "nodePortAddresses": ["primary"],
        "conntrack": {"maxPerCore": 0},
    }


def _yaml(path: Path, document: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(document))
