"""Kubeconfig files for users that are known by a bearer token."""

import base64
from pathlib import Path

import yaml


def write_kubeconfig(path: Path, *, url: str, token: str, authority: bytes | None = None) -> Path:
    """Write a kubeconfig with one context; ``authority`` is the certificate (PEM) that the server is trusted by."""
    cluster = {"server": url}
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tests",
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
        "clusters": [{"name": "tests", "cluster": cluster}],
        "users": [{"name": "tests", "user": {"token": token}}],
    }
    path.write_text(yaml.safe_dump(document))
    path.chmod(0o600)
    return path
