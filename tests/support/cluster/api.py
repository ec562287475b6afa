"""A small Kubernetes client for tests: any object by its apiVersion and kind, as plain dicts."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import config
from kubernetes.client import ApiClient

Manifest = dict[str, Any]
"""An object as the API server gives it."""

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON = "application/json"


class ApiError(RuntimeError):
    """The API server refused; ``status`` is the HTTP status, ``reason`` Kubernetes' own word (NotFound, Conflict)."""

    def __init__(self, status: int, body: bytes) -> None:
        try:
            told = json.loads(body)
        except ValueError:
            told = {}
        self.status = status
        self.reason: str = told.get("reason", "")
        self.message: str = told.get("message", body.decode(errors="replace"))
        super().__init__(f"{status} {self.reason}: {self.message}")


class Api:
    """Requests to one API server; methods raise ApiError, or urllib3's HTTPError when nobody answers.

    A name of None is a collection; a namespace of None is cluster-wide.
    """

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self._resources: dict[tuple[str, str], tuple[str, bool]] = {}

    @classmethod
    def of(cls, kubeconfig: Path, *, user_agent: str = "parking-tests") -> "Api":
        """Give a client for a kubeconfig, known to the API server as ``user_agent``."""
        client = config.new_client_from_config(config_file=str(kubeconfig))
        client.user_agent = user_agent
        return cls(client)

    def path(self, api_version: str, kind: str, namespace: str | None = None, name: str | None = None) -> str:
        """Give the path of an object or of a collection."""
        plural, namespaced = self._resource(api_version, kind)
        parts = [_group_path(api_version)]
        if namespaced and namespace:
            parts.append(f"namespaces/{namespace}")
        parts += [plural, *([name] if name else [])]
        return "/".join(parts)

    def path_of(self, manifest: Mapping[str, Any]) -> str:
        """Give the path of a manifest's object; without a namespace it is in ``default``."""
        metadata = manifest["metadata"]
        namespace = metadata.get("namespace", "default")
        return self.path(manifest["apiVersion"], manifest["kind"], namespace, metadata["name"])

    def get(self, api_version: str, kind: str, namespace: str | None, name: str) -> Manifest | None:
        """Read an object; None when it is not there."""
        try:
            return self.request("GET", self.path(api_version, kind, namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, api_version: str, kind: str, namespace: str | None = None, *, labels: str = "") -> list[Manifest]:
        """List objects, by a label selector if given."""
        answer = self.request("GET", self.path(api_version, kind, namespace), query={"labelSelector": labels})
        return [{"apiVersion": api_version, "kind": kind, **item} for item in answer["items"]]

    def create(self, manifest: Mapping[str, Any]) -> Manifest:
        """Create an object."""
        path = self.path_of(manifest).rsplit("/", 1)[0]
        return self.request("POST", path, manifest, query={"fieldManager": "parking-tests"})

    def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        manager: str = "parking-tests",
        force: bool = True,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Manifest:
        """Apply on the server's side."""
        query = {"fieldManager": manager, "force": str(force).lower(), **({"dryRun": "All"} if dry_run else {})}
        path = self.path_of(manifest) + (f"/{subresource}" if subresource else "")
        return self.request("PATCH", path, manifest, query=query, content_type=APPLY)

    def merge(self, manifest: Mapping[str, Any], change: Mapping[str, Any], *, subresource: str = "") -> Manifest:
        """Merge a change into an object; with a resourceVersion in the change only if it is still that version."""
        path = self.path_of(manifest) + (f"/{subresource}" if subresource else "")
        return self.request("PATCH", path, change, query={"fieldManager": "parking-tests"}, content_type=MERGE)

    def delete(
        self, api_version: str, kind: str, namespace: str | None, name: str, *, grace: int | None = None
    ) -> None:
        """Delete an object in the background; one that is gone already is fine."""
        query = {"propagationPolicy": "Background", **({} if grace is None else {"gracePeriodSeconds": str(grace)})}
        try:
            self.request("DELETE", self.path(api_version, kind, namespace, name), query=query)
        except ApiError as error:
            if error.status != 404:
                raise

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
    ) -> Manifest:
        """Send one request and give the answer's JSON."""
        response = self._send(method, path, body, query or {}, content_type, timeout=urllib3.Timeout(30))
        data = response.data
        if response.status >= 400:
            raise ApiError(response.status, data)
        answer: Manifest = json.loads(data)
        return answer

    def text(self, path: str) -> str:
        """Read what is not JSON: /readyz, /metrics."""
        response = self._send("GET", path, None, {}, JSON, timeout=urllib3.Timeout(30))
        if response.status >= 400:
            raise ApiError(response.status, response.data)
        return response.data.decode()

    def stream(self, path: str, query: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Open a watch; the response's ``shutdown`` ends a read that waits in another thread."""
        quiet = urllib3.Timeout(connect=5, read=60)
        response = self._send("GET", path, None, {**query, "watch": "true"}, JSON, timeout=quiet, stream=True)
        if response.status >= 400:
            raise ApiError(response.status, response.data)
        return response

    def close(self) -> None:
        """Close all connections."""
        self.client.rest_client.pool_manager.clear()

    def _send(
        self,
        method: str,
        path: str,
        body: Any,
        query: Mapping[str, str],
        content_type: str,
        *,
        timeout: urllib3.Timeout,
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        _, url, headers, *_ = self.client.param_serialize(
            method,
            path,
            query_params=[(key, value) for key, value in query.items() if value],
            header_params={"Accept": JSON, "Content-Type": content_type},
            auth_settings=["BearerToken"],
        )
        data = None if body is None else json.dumps(body).encode()
        pool = self.client.rest_client.pool_manager
        return pool.request(
            method, url, body=data, headers=headers, timeout=timeout, preload_content=not stream, retries=False
        )

    def _resource(self, api_version: str, kind: str) -> tuple[str, bool]:
        """Give a kind's plural and whether it is namespaced, as the API server tells."""
        if (api_version, kind) not in self._resources:
            for told in self.request("GET", _group_path(api_version))["resources"]:
                if "/" not in told["name"]:
                    self._resources[api_version, told["kind"]] = told["name"], told["namespaced"]
        try:
            return self._resources[api_version, kind]
        except KeyError:
            raise ApiError(404, f"no kind {kind} in {api_version}".encode()) from None


def events(response: urllib3.BaseHTTPResponse) -> Iterator[Manifest]:
    """Yield a watch's events, ``{type, object}``, until it ends."""
    rest = b""
    for part in response.stream(amt=None, decode_content=True):
        *lines, rest = (rest + part).split(b"\n")
        yield from (json.loads(line) for line in lines if line)


def _group_path(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
