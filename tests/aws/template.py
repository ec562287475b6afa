"""The stack's template as it is, and with parameters put in: what CloudFormation would hand to the services."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cfnlint.decode import cfn_yaml

PATH = Path(__file__).parents[2] / "aws" / "lake.yaml"
ACCOUNT, REGION, STACK = "123456789012", "ap-southeast-1", "central-lake"
ISSUER = "oidc.eks.ap-southeast-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
BUCKET, DATABASE = "parking-central-lake", "central"
PARAMETERS = {
    "Lot": "central",
    "Namespace": "lots",
    "OidcProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}",
    "BucketName": BUCKET,
    "DatabaseName": DATABASE,
}
_NOTHING = object()
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::StackName": STACK,
    "AWS::NoValue": _NOTHING,
}


def load() -> dict[str, Any]:
    """Read the template, with short forms such as ``!Ref`` written out."""
    return json.loads(json.dumps(cfn_yaml.load(str(PATH))))


def render(**parameters: str) -> dict[str, dict[str, Any]]:
    """Give ``Resources`` and ``Outputs`` without intrinsic functions. One that we do not know is a KeyError."""
    template = load()
    defaults = {name: asked["Default"] for name, asked in template["Parameters"].items() if "Default" in asked}
    stack = _Stack(template, {**_PSEUDO, **defaults, **PARAMETERS, **parameters})
    return {part: stack.resolve(template[part]) for part in ("Resources", "Outputs")}


class _Stack:
    def __init__(self, template: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        self._resources, self._conditions, self._values = template["Resources"], template["Conditions"], values
        # Each is called with its argument as it stands in the template.
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._reference,
            "Fn::GetAtt": lambda path: self._attribute(*path),
            "Fn::Sub": self._substitute,
            "Fn::Select": lambda told: self.resolve(told[1])[int(told[0])],
            "Fn::Split": lambda told: self.resolve(told[1]).split(told[0]),
            "Fn::If": lambda told: self.resolve(told[1 if self.resolve(self._conditions[told[0]]) else 2]),
            "Fn::Not": lambda told: not self.resolve(told[0]),
            "Fn::Equals": lambda told: self.resolve(told[0]) == self.resolve(told[1]),
        }

    def resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if len(node) == 1 and ("Ref" in node or next(iter(node)).startswith("Fn::")):
            ((function, told),) = node.items()
            return self._functions[function](told)
        pairs = ((key, self.resolve(value)) for key, value in node.items())
        return {key: value for key, value in pairs if value is not _NOTHING}

    def _substitute(self, told: Any) -> str:
        text, more = (told[0], self.resolve(told[1])) if isinstance(told, list) else (told, {})

        def value(found: re.Match[str]) -> str:
            name, _, attribute = found[1].partition(".")
            return (
                more[name] if name in more else self._attribute(name, attribute) if attribute else self._reference(name)
            )

        return re.sub(r"\$\{([^}]+)\}", value, text)

    def _reference(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        properties = self._resources[name]["Properties"]
        match self._resources[name]["Type"]:
            case "AWS::S3::Bucket":
                return self.resolve(properties["BucketName"])
            case "AWS::Glue::Database":
                return self.resolve(properties["DatabaseInput"]["Name"])
            case "AWS::IAM::ManagedPolicy":
                return f"arn:aws:iam::{ACCOUNT}:policy/{name}"
            case _:
                return self.resolve(properties["Name"])

    def _attribute(self, name: str, attribute: str) -> str:
        match self._resources[name]["Type"], attribute:
            case "AWS::S3::Bucket", "Arn":
                return f"arn:aws:s3:::{self._reference(name)}"
            case "AWS::IAM::Role", "Arn":
                return f"arn:aws:iam::{ACCOUNT}:role/{name}"
            case other:
                raise KeyError(*other)
