"""Refusals of the API server in words that people can act on."""

import json
from typing import Any

import pytest

from parking_operator.cluster.api_server import ConflictError, NotFoundError, UnknownKindError, _refusal
from parking_operator.status import Reason
from parking_operator.world import WorldError


def answer(**told: Any) -> bytes:
    return json.dumps({"kind": "Status", "apiVersion": "v1", **told}).encode()


@pytest.mark.parametrize(
    ("status", "content", "kind", "text"),
    [
        (403, answer(reason="Forbidden", message="may not"), WorldError, "may not (403 Forbidden)"),
        (409, answer(reason="Conflict", message="kubectl has it"), ConflictError, "kubectl has it (409 Conflict)"),
        (404, answer(message="a not found", details={"name": "a"}), NotFoundError, "a not found"),
        (404, b"404 page not found\n", UnknownKindError, "Service a: 404 page not found\n"),
        (502, b"<html>bad gateway</html>", WorldError, "<html>bad gateway</html> (502)"),
        (500, b"", WorldError, "no reason given (500)"),
        (500, b"[]", WorldError, "[] (500)"),
    ],
)
def test_refusals(status: int, content: bytes, kind: type[WorldError], text: str) -> None:
    error = _refusal(status, content, "Service a")
    assert type(error) is kind
    assert str(error) == text


def test_an_unknown_kind_is_something_not_installed() -> None:
    assert _refusal(404, b"404 page not found", "KafkaTopic a").reason is Reason.NOT_INSTALLED
    assert _refusal(403, answer(message="may not"), "KafkaTopic a").reason is Reason.NOT_APPLIED
