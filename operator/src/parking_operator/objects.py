"""Kubernetes objects as plain data: naming them, comparing them, writing them down."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

Manifest = dict[str, Any]
"""A Kubernetes object in its JSON form. Treated as frozen: whoever wants another one builds another one."""


class Kind(NamedTuple):
    """A sort of object."""

    api_version: str
    kind: str


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """What names an object in a world."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def sort(self) -> Kind:
        """Kind with its version."""
        return Kind(self.api_version, self.kind)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def ref_of(manifest: Mapping[str, Any]) -> Ref:
    """Give the name of an object."""
    metadata = manifest["metadata"]
    return Ref(manifest["apiVersion"], manifest["kind"], metadata["namespace"], metadata["name"])


def digest(value: object) -> str:
    """Give a short hash of plain data; the same for equal data, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def covers(actual: object, wanted: object) -> bool:
    """Whether ``actual`` holds everything that ``wanted`` says; a world may add fields of its own, such as defaults."""
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(k in actual and covers(actual[k], v) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(actual, list) and len(actual) == len(wanted) and all(map(covers, actual, wanted))
    return actual == wanted


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such a block, and equal parts in full each time."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def to_yaml(manifests: Iterable[Mapping[str, Any]]) -> str:
    """Write objects as one YAML stream, byte for byte the same for equal objects."""
    return yaml.dump_all(manifests, Dumper=_Dumper, sort_keys=False, explicit_start=True, allow_unicode=True, width=120)
