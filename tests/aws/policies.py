"""Judges policies of IAM, and evaluates them.

``permission_faults`` and ``trust_faults`` say what is too broad in a document. ``Principal.may`` decides one request as
IAM documents it: a Deny wins, an Allow is needed, and a condition on a key that the request does not have is not met.
It knows policies of identities and the bucket's; of conditions it knows the operators below and refuses others. What
AWS adds (boundaries, service control policies, sessions, Lake Formation) it does not know.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any, Self

WITHOUT_RESOURCE_LEVEL = {"athena:ListWorkGroups", "athena:ListDataCatalogs"}
"""Actions of ours that AWS allows for all resources or for none."""
_FOLDER = re.compile(r"[^*?]+/[^*?]+[/:]\*")
"""A wildcard stands at the end only, beneath something that is named: ``bucket/folder/*``, ``table/database/*``."""
_ACCOUNT_KEYS = {"aws:SourceAccount", "sts:ExternalId"}


def listed(value: Any) -> list[Any]:
    """Give what IAM lets one write alone as the list that it stands for."""
    return value if isinstance(value, list) else [value]


def statements(document: Mapping[str, Any] | str) -> list[dict[str, Any]]:
    """Give the statements of a document, which may be JSON in a string."""
    parsed = json.loads(document) if isinstance(document, str) else document
    return listed(parsed["Statement"])


def permission_faults(document: Mapping[str, Any] | str) -> list[str]:
    """Say what a role's or a user's policy allows too broadly."""
    return [fault for statement in _allowing(document) for fault in _permission_faults(statement)]


def trust_faults(document: Mapping[str, Any] | str) -> list[str]:
    """Say whom a role's trust policy lets in too broadly."""
    return [fault for statement in _allowing(document) for fault in _trust_faults(statement)]


def _allowing(document: Mapping[str, Any] | str) -> Iterator[dict[str, Any]]:
    return (statement for statement in statements(document) if statement["Effect"] == "Allow")


def _permission_faults(statement: Mapping[str, Any]) -> Iterator[str]:
    if inverted := {"NotAction", "NotResource"} & statement.keys():
        yield f"{inverted.pop()} allows all but what it names"
        return
    actions, resources = listed(statement["Action"]), listed(statement["Resource"])
    yield from (f"action {action} has a wildcard" for action in actions if set(action) & {"*", "?"})
    for resource in resources:
        if resource == "*" and not set(actions) <= WITHOUT_RESOURCE_LEVEL:
            yield "resource * is everything"
        elif resource != "*" and set(resource) & {"*", "?"} and not _FOLDER.fullmatch(resource):
            yield f"resource {resource} is more than a folder"
    if "s3:ListBucket" in actions and "s3:prefix" not in _condition_keys(statement):
        yield "s3:ListBucket without s3:prefix lists the whole bucket"


def _trust_faults(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal", "*")
    if principal == "*" or any("*" in listed(names) for names in principal.values()):
        yield "anybody is trusted"
        return
    if "AWS" in principal:
        yield "another identity is trusted; programs are trusted by web identity, services by their name"
    if "Service" in principal and not _condition_keys(statement) & _ACCOUNT_KEYS:
        yield "a service is trusted on behalf of any account"
    for provider in listed(principal.get("Federated", [])):
        yield from _web_identity_faults(provider, statement.get("Condition", {}))


def _web_identity_faults(provider: str, condition: Mapping[str, Any]) -> Iterator[str]:
    issuer = provider.partition(":oidc-provider/")[2]
    exact = condition.get("StringEquals", {})  # StringLike would let wildcards in
    if exact.get(f"{issuer}:aud") != "sts.amazonaws.com":
        yield "tokens for any audience are trusted: no aud"
    if not re.fullmatch(r"system:serviceaccount:[a-z0-9-]+:[a-z0-9-]+", str(exact.get(f"{issuer}:sub"))):
        yield "any service account is trusted: no sub"


def _condition_keys(statement: Mapping[str, Any]) -> set[str]:
    return {key for tests in statement.get("Condition", {}).values() for key in tests}


@dataclass(frozen=True)
class Principal:
    """One who asks: the statements of its own policies and of the bucket's."""

    own: tuple[dict[str, Any], ...]
    bucket: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, Any] | str], bucket: Mapping[str, Any] | str | None = None) -> Self:
        """Take the policies of one identity, and perhaps the bucket's."""
        own = tuple(statement for document in documents for statement in statements(document))
        return cls(own, tuple(statements(bucket)) if bucket else ())

    def may(self, action: str, *resources: str, context: Mapping[str, str] = MappingProxyType({})) -> bool:
        """Decide a request over TLS with these condition keys; one that touches several resources needs all of them."""
        keys = {"aws:SecureTransport": "true", **context}
        return all(self._decide(action, resource, keys) for resource in resources)

    def _decide(self, action: str, resource: str, keys: Mapping[str, str]) -> bool:
        applying = [each for each in (*self.own, *self.bucket) if _applies(each, action, resource, keys)]
        return bool(applying) and all(each["Effect"] == "Allow" for each in applying)


def _applies(statement: Mapping[str, Any], action: str, resource: str, keys: Mapping[str, str]) -> bool:
    return (
        any(_like(action.lower(), pattern.lower()) for pattern in listed(statement["Action"]))
        and any(_like(resource, pattern) for pattern in listed(statement.get("Resource", "*")))  # trust has none
        and all(_met(operator, tests, keys) for operator, tests in statement.get("Condition", {}).items())
    )


def _met(operator: str, tests: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    compare = {"StringEquals": str.__eq__, "StringLike": _like, "Bool": str.__eq__}[operator]
    return all(key in keys and any(compare(keys[key], value) for value in listed(tests[key])) for key in tests)


def _like(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))  # IAM knows * and ?, no sets
