"""Requests to the API server, and its refusals in words that people can act on."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from parking_operator.cluster.resources import Resource, collection_path, path_of
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.world import NotInstalledError, WorldError

USER_AGENT = "parking-operator"
_TIMEOUT = (5.0, 30.0)
"""Seconds to connect, and to wait for an answer."""
_RETRIES = urllib3.Retry(
    total=4,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,  # server-side apply and deletion by name may come twice
    backoff_factor=0.3,
    backoff_max=5,
    backoff_jitter=0.3,
    raise_on_status=False,
)
_APPLY = "application/apply-patch+yaml"
_JSON = "application/json"
_METADATA_ONLY = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PAGE = "500"

Query = Mapping[str, str]
Count = Callable[[str, int], None]
"""Takes the method and the status code (0: no answer) of each request."""


def _uncounted(_method: str, _code: int) -> None:
    pass


class Listing(NamedTuple):
    """All objects of a kind, as they were at a resource version."""

    version: int
    items: list[Manifest]


class NotFoundError(WorldError):
    """There is no such object, or no such kind of object."""


class UnknownKindError(NotFoundError, NotInstalledError):
    """The API server serves no such kind."""


class ConflictError(WorldError):
    """The object is another one than expected, or fields of it belong to another manager."""


class ApiServer:
    """An API server. Methods raise WorldError when it refuses or is away. Safe to use from several threads."""

    def __init__(self, api: client.ApiClient, *, count: Count = _uncounted) -> None:
        self._api = api
        self._api.user_agent = USER_AGENT
        self._count = count

    @classmethod
    def from_surroundings(cls, *, connections: int, count: Count = _uncounted) -> "ApiServer":
        """Connect as the pod's service account, or else by the user's kubeconfig."""
        settings = client.Configuration()
        try:
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        except config.ConfigException:
            config.load_kube_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        settings.retries = _RETRIES
        settings.connection_pool_maxsize = connections
        return cls(client.ApiClient(settings), count=count)

    def apply(
        self, manifest: Manifest, *, manager: str, force: bool, subresource: str = "", api_version: str | None = None
    ) -> Manifest:
        """Apply an object on the server's side; gives it as it is then.

        Without ``force`` the server refuses to take fields away from another manager.
        """
        ref = ref_of(manifest)
        body = {**manifest, "apiVersion": api_version or ref.api_version}
        query = {"fieldManager": manager, "force": str(force).lower()}
        path = path_of(ref, api_version=api_version) + (f"/{subresource}" if subresource else "")
        return self._ask("PATCH", path, query, body, content_type=_APPLY, subject=str(ref))

    def patch(self, path: str, body: Mapping[str, Any]) -> Manifest:
        """Merge a body into what is at a path."""
        return self._ask("PATCH", path, {}, body, content_type="application/merge-patch+json", subject=path)

    def annotate(self, ref: Ref, annotations: Mapping[str, str], *, api_version: str | None = None) -> None:
        """Set annotations of an object."""
        self.patch(path_of(ref, api_version=api_version), {"metadata": {"annotations": dict(annotations)}})

    def delete(self, ref: Ref, *, uid: str, api_version: str | None = None) -> None:
        """Delete this very object, not one that has come in its place; no error if it is gone."""
        body = {"propagationPolicy": "Background", "preconditions": {"uid": uid}}
        try:
            self._ask("DELETE", path_of(ref, api_version=api_version), {}, body, subject=str(ref))
        except (NotFoundError, ConflictError):
            return

    def create(self, manifest: Manifest, plural: str) -> Manifest:
        """Create an object that nobody changes later, such as an Event."""
        path = collection_path(manifest["apiVersion"], manifest["metadata"]["namespace"], plural)
        return self._ask("POST", path, {}, manifest, subject=manifest["kind"])

    def read(self, path: str) -> Manifest:
        """Read what is at a path; raises NotFoundError."""
        return self._ask("GET", path, {}, subject=path)

    def listing(
        self,
        resource: Resource,
        *,
        namespace: str | None,
        selector: str = "",
        api_version: str | None = None,
        in_full: bool = False,
    ) -> Listing:
        """Read all objects of a kind, or just their metadata, in a namespace or in all; raises UnknownKindError."""
        path = collection_path(api_version or resource.kind.api_version, namespace, resource.plural)
        query = {"labelSelector": selector, "limit": _PAGE}
        items: list[Manifest] = []
        version = 0
        while True:
            page = self._ask("GET", path, query, accept=_JSON if in_full else _METADATA_ONLY, subject=resource.plural)
            version = version or int(page["metadata"]["resourceVersion"])
            items += (
                {**item, "apiVersion": resource.kind.api_version, "kind": resource.kind.kind}
                for item in page.get("items") or ()
            )
            if not page["metadata"].get("continue"):
                return Listing(version, items)
            query["continue"] = page["metadata"]["continue"]

    def versions(self, group: str) -> tuple[str, ...]:
        """Versions of a group that are served, the server's favourite first; none when the group is not there."""
        try:
            return tuple(version["version"] for version in self.read(f"/apis/{group}")["versions"])
        except NotFoundError:
            return ()

    def _ask(
        self,
        method: str,
        path: str,
        query: Query,
        body: Mapping[str, Any] | None = None,
        *,
        content_type: str = _JSON,
        accept: str = _JSON,
        subject: str,
    ) -> Manifest:
        headers = {"Accept": accept, "Content-Type": content_type}
        _, url, headers, *_ = self._api.param_serialize(
            method, path, query_params=list(query.items()), header_params=headers, auth_settings=["BearerToken"]
        )
        try:
            answer = self._api.call_api(method, url, headers, body, _request_timeout=_TIMEOUT)
            content = answer.read()  # type: ignore[no-untyped-call]
        except (urllib3.exceptions.HTTPError, ApiException) as error:
            self._count(method, 0)
            raise WorldError(f"the API server does not answer: {error}") from error
        self._count(method, answer.status)
        if answer.status >= 400:
            raise _refusal(answer.status, content, subject)
        told: Manifest = json.loads(content)
        return told


def _refusal(status: int, content: bytes, subject: str) -> WorldError:
    """Put an error answer (a Status object, or whatever a proxy said) into words."""
    try:
        told = json.loads(content)
        message, reason, details = told.get("message", ""), told.get("reason", ""), told.get("details", {})
    except (ValueError, AttributeError):
        message, reason, details = content[:200].decode(errors="replace"), "", {}
    if status == 404:
        # Only an unknown object has a name in the answer; an unknown kind has not.
        return NotFoundError(message) if details.get("name") else UnknownKindError(f"{subject}: {message}")
    kind = ConflictError if status == 409 else WorldError
    return kind(f"{message or 'no reason given'} ({status}{f' {reason}' if reason else ''})")
