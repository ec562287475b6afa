"""The CustomResourceDefinitions that the operator meets, as their projects publish them."""

import json
import time
from pathlib import Path
from typing import Any

import yaml

from parking_local.folders import cache_folder
from tests.support.cluster.api import Api, ApiError, Manifest
from tests.support.cluster.go import module_folder

_ROOT = Path(__file__).parents[3]
_CRD = "apiextensions.k8s.io/v1", "CustomResourceDefinition", None

PARKING_LOT = "parkinglots.parking.dev"
KAFKA_TOPIC = "kafkatopics.kafka.strimzi.io"
SPARK_APPLICATION = "sparkapplications.sparkoperator.k8s.io"
SCHEDULED_SPARK_APPLICATION = "scheduledsparkapplications.sparkoperator.k8s.io"
HTTP_ROUTE = "httproutes.gateway.networking.k8s.io"
SERVICE_MONITOR = "servicemonitors.monitoring.coreos.com"
POD_MONITOR = "podmonitors.monitoring.coreos.com"
PROMETHEUS_RULE = "prometheusrules.monitoring.coreos.com"

SPARK_OPERATOR = "github.com/kubeflow/spark-operator/v2", "v2.5.1"

_FILES = {
    PARKING_LOT: _ROOT / "charts" / "parking" / "files" / "parkinglots.parking.dev.yaml",
    KAFKA_TOPIC: _ROOT / "tests" / "cluster" / "crds" / "kafkatopic.yaml",
}
_GATEWAY = "sigs.k8s.io/gateway-api", "v1.3.0", "config/crd/standard"
_PROMETHEUS = "github.com/prometheus-operator/prometheus-operator", "v0.85.0", "example/prometheus-operator-crd"
_SPARK = *SPARK_OPERATOR, "charts/spark-operator-chart/crds"
_MODULES = {
    SPARK_APPLICATION: _SPARK,
    SCHEDULED_SPARK_APPLICATION: _SPARK,
    HTTP_ROUTE: _GATEWAY,
    SERVICE_MONITOR: _PROMETHEUS,
    POD_MONITOR: _PROMETHEUS,
    PROMETHEUS_RULE: _PROMETHEUS,
}


def document(name: str) -> Manifest:
    """Give the CRD of a full name, ``<plural>.<group>``; downloads its project's Go module once."""
    if name in _FILES:
        return _read(_FILES[name].read_text())
    module, version, folder = _MODULES[name]
    kept = cache_folder() / "cluster" / "crds" / f"{name}-{version}.json"
    if not kept.exists():
        plural, group = name.split(".", 1)
        published = module_folder(module, version) / folder / f"{group}_{plural}.yaml"
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(".partial")
        fresh.write_text(json.dumps(_read(published.read_text())))
        fresh.replace(kept)
    found: Manifest = json.loads(kept.read_text())
    return found


def base() -> tuple[str, ...]:
    """Name what every control plane of tests serves: our CRD and what lots consist of."""
    return PARKING_LOT, KAFKA_TOPIC, SPARK_APPLICATION, SCHEDULED_SPARK_APPLICATION, HTTP_ROUTE


def fetch() -> None:
    """Download all CRDs that are not checked in; raises BuildError."""
    for name in _MODULES:
        document(name)


def older_kafka_topic() -> Manifest:
    """Give the KafkaTopic CRD as a Strimzi before 1.0 serves it: the same schema as v1beta2 only."""
    crd = document(KAFKA_TOPIC)
    (version,) = crd["spec"]["versions"]
    version["name"] = "v1beta2"
    return crd


def create(api: Api, crd: Manifest) -> None:
    """Create a CRD, or replace the one that is there. Not by apply: managed fields would double the largest."""
    present = api.get(*_CRD, crd["metadata"]["name"])
    if present is None:
        api.create(crd)
    else:
        version = present["metadata"]["resourceVersion"]
        api.request("PUT", api.path_of(crd), crd | {"metadata": crd["metadata"] | {"resourceVersion": version}})


def wait_served(api: Api, name: str, *, timeout: float = 30) -> None:
    """Wait until a CRD is Established and its objects can be listed."""
    deadline = time.monotonic() + timeout
    while not _is_served(api, name):
        assert time.monotonic() < deadline, f"{name} is not served after {timeout:.0f} s: {api.get(*_CRD, name)}"
        time.sleep(0.05)


def remove(api: Api, name: str, *, timeout: float = 30) -> None:
    """Remove a CRD with all its objects and wait until it is gone."""
    api.delete(*_CRD, name)
    deadline = time.monotonic() + timeout
    while (left := api.get(*_CRD, name)) is not None:
        assert time.monotonic() < deadline, f"{name} is not gone after {timeout:.0f} s: {left['status']}"
        time.sleep(0.05)


def _is_served(api: Api, name: str) -> bool:
    crd: dict[str, Any] = api.get(*_CRD, name) or {}
    conditions = {told["type"]: told["status"] for told in crd.get("status", {}).get("conditions") or []}
    if conditions.get("Established") != "True":
        return False
    spec = crd["spec"]
    versions = [version["name"] for version in spec["versions"] if version["served"]]
    try:
        for version in versions:
            api.request("GET", f"/apis/{spec['group']}/{version}/{spec['names']['plural']}", query={"limit": "1"})
    except ApiError:
        return False
    return True


def _read(text: str) -> Manifest:
    crd: Manifest = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    crd.pop("status", None)
    return crd
