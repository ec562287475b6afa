"""The CustomResourceDefinition of ParkingLot, generated from the models of a lot and of its status."""

from typing import Any

from parking.lot import API_VERSION, KIND, ParkingLot
from parking_operator.crd.rules import RULES, with_rules
from parking_operator.crd.structural import structural
from parking_operator.objects import Manifest
from parking_operator.status import LotStatus

GROUP, VERSION = API_VERSION.split("/")
PLURAL = "parkinglots"


def crd() -> Manifest:
    """Give the definition; equal models give equal bytes in YAML."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{PLURAL}.{GROUP}",
            # Helm's uninstall would take the definition away, and every lot with it.
            "annotations": {"helm.sh/resource-policy": "keep"},
        },
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": KIND,
                "listKind": f"{KIND}List",
                "plural": PLURAL,
                "singular": KIND.lower(),
                "shortNames": ["lot", "lots"],
                # Not in "all": `kubectl delete all --all` would end car parks.
                "categories": ["parking"],
            },
            "versions": [_version()],
        },
    }


def _version() -> dict[str, Any]:
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": with_rules(_schema(), RULES)},
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.cameras.count",
                "statusReplicasPath": ".status.cameras.replicas",
                "labelSelectorPath": ".status.cameras.selector",
            },
        },
        "additionalPrinterColumns": [
            _column("Cameras", "integer", ".spec.cameras.count"),
            _column("Bays", "integer", ".status.bays"),
            _column("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
            _column("Reason", "string", '.status.conditions[?(@.type=="Ready")].reason'),
            _column("URL", "string", ".status.gateway.url"),
            _column("Age", "date", ".metadata.creationTimestamp"),
        ],
    }


def _schema() -> dict[str, Any]:
    lot = ParkingLot.model_json_schema(by_alias=True)
    return {
        "type": "object",
        "description": lot["description"],
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "description": f"Always {API_VERSION}"},
            "kind": {"type": "string", "description": f"Always {KIND}"},
            "metadata": {"type": "object"},
            "spec": structural(lot["properties"]["spec"], lot["$defs"]),
            "status": _status_schema(),
        },
    }


def _status_schema() -> dict[str, Any]:
    told = LotStatus.model_json_schema(by_alias=True)
    schema = structural(told, told["$defs"], reported=True)
    # An older operator may not know a field that this definition has; only a condition is told whole.
    for part in (schema, *schema["properties"].values()):
        part.pop("required", None)
    conditions = schema["properties"]["conditions"]
    conditions |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
    return schema


def _column(name: str, kind: str, path: str) -> dict[str, str]:
    return {"name": name, "type": kind, "jsonPath": path}
