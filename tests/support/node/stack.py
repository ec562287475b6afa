"""What a lot needs around it in a cluster: a broker, the Spark operator, our operator. Installed as users do."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.cluster.api import Api
from tests.support.cluster.binaries import spark_operator_chart
from tests.support.cluster.chart import CHART, RELEASE
from tests.support.images import Image
from tests.support.node.cluster import Cluster
from tests.support.node.tools import Pods, Tools

LOTS, SYSTEM = "lots", "parking-system"
"""Namespace of the lots, and of our operator."""
_KAFKA = Path(__file__).parents[2] / "e2e" / "cluster" / "kafka.yaml"
_RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


@dataclass(frozen=True, slots=True)
class Stack:
    """A cluster with everything that lots need."""

    cluster: Cluster
    images: Mapping[str, Image]
    api: Api
    tools: Tools

    @property
    def bootstrap_servers(self) -> str:
        """Where the broker is reached from this machine."""
        return f"{self.cluster.address}:30092"

    @property
    def pods(self) -> Pods:
        """The pods of the lots."""
        return Pods(self.api, LOTS)

    def chart_values(self) -> dict[str, object]:
        """Give the values with which our chart is installed here."""
        names = ("operator", "jobs", "api", "simulators")
        return {
            "bootstrapServers": "kafka.kafka.svc:9092",
            "maxReplication": 1,
            "image": {"pullPolicy": "Never", **{name: _image(self.images[name].reference) for name in names}},
            "checkpoints": {"accessMode": "ReadWriteOnce"},  # one node
        }

    def install(self) -> None:
        """Install everything; what is there already is brought up to date."""
        for namespace in (LOTS, SYSTEM):
            self.tools.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}")
            self.tools.kubectl("label", "--overwrite", "namespace", namespace, _RESTRICTED)
        text = string.Template(_KAFKA.read_text())
        self.tools.apply(text.substitute(address=self.cluster.address, image=self.images["broker"].reference))
        self._install_spark_operator()
        self.tools.install(RELEASE, CHART, SYSTEM, self.chart_values())
        Pods(self.api, "kafka").wait_ready("app=kafka", 1)

    def _install_spark_operator(self) -> None:
        image = {**_image(self.images["spark-operator"].reference), "pullPolicy": "Never"}
        values = {"image": image, "spark": {"jobNamespaces": [LOTS]}}
        self.tools.install("spark-operator", spark_operator_chart(), "spark-operator", values)


def stack_of(cluster: Cluster, images: Mapping[str, Image]) -> Stack:
    """Give what is to be installed in a cluster that has these images."""
    return Stack(cluster, images, Api.of(cluster.kubeconfig), Tools(cluster.kubeconfig))


def _image(reference: str) -> dict[str, str]:
    """Give a reference in the parts that charts ask for."""
    name, _, tag = reference.rpartition(":")
    registry, _, repository = name.partition("/")
    return {"registry": registry, "repository": repository, "tag": tag}
