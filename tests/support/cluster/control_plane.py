"""A Kubernetes API server for tests: one of our own, started in seconds, or a cluster that the user names."""

import itertools
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import urllib3
from kubernetes.client import ApiClient

from tests.support.cluster import crds, programs
from tests.support.cluster.api import Api, ApiError
from tests.support.cluster.audit import Request, read_requests
from tests.support.cluster.binaries import program
from tests.support.cluster.child import Child
from tests.support.cluster.kubeconfigs import write_kubeconfig


class ControlPlane:
    """An API server and who may speak to it. What only one of our own can do, skips the test on others."""

    def __init__(self, folder: Path, kubeconfig: Path) -> None:
        self.folder = folder
        self.kubeconfig = kubeconfig
        self.api = Api.of(kubeconfig)
        self._numbers = itertools.count(1)
        self._namespaces: list[str] = []

    @property
    def url(self) -> str:
        """Where the API server answers."""
        url: str = self.client.configuration.host
        return url

    @property
    def client(self) -> ApiClient:
        """A plain Kubernetes client with every right."""
        return self.api.client

    @property
    def authority(self) -> bytes | None:
        """The certificate (PEM) that the API server is trusted by; None is one of the system's."""
        file = self.client.configuration.ssl_ca_cert
        return Path(file).read_bytes() if file else None

    def namespace(self, prefix: str = "test", *, labels: Mapping[str, str] | None = None) -> str:
        """Make a namespace of a fresh name, with its default service account."""
        body = {"metadata": {"generateName": f"{prefix}-", "labels": dict(labels or {})}}
        name: str = self.api.request("POST", "/api/v1/namespaces", body)["metadata"]["name"]
        self._namespaces.append(name)
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
        with suppress(ApiError):  # the controller may have been quicker
            self.api.create(account)
        return name

    def delete_namespaces(self) -> None:
        """Delete the namespaces that were made."""
        while self._namespaces:
            self.api.delete("v1", "Namespace", None, self._namespaces.pop())

    def token_for(self, namespace: str, service_account: str, *, seconds: int = 3600) -> str:
        """Ask for a token of a service account, as a pod of it would have."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        token: str = self.api.request("POST", path, body)["status"]["token"]
        return token

    def kubeconfig_for(self, namespace: str, service_account: str, *, url: str | None = None) -> Path:
        """Write a kubeconfig of a service account; ``url`` when it is to go through a proxy."""
        path = self.folder / f"kubeconfig-{service_account}-{next(self._numbers)}"
        token = self.token_for(namespace, service_account)
        authority = None if url and url.startswith("http:") else self.authority
        return write_kubeconfig(path, url=url or self.url, token=token, authority=authority)

    def install_crds(self, *names: str) -> None:
        """Install CRDs by their full names, see crds.py, and wait until they are served."""
        for name in names:
            crds.create(self.api, crds.document(name))
        for name in names:
            crds.wait_served(self.api, name)

    def install_older_kafka_topics(self) -> None:
        """Install the CRD of KafkaTopics as an older Strimzi serves it, v1beta2 only."""
        crds.create(self.api, crds.older_kafka_topic())
        crds.wait_served(self.api, crds.KAFKA_TOPIC)

    def remove_crd(self, name: str) -> None:
        """Remove a CRD with all its objects and wait until it is gone."""
        crds.remove(self.api, name)

    def stop_api_server(self) -> None:
        """Stop the API server; its data stay."""
        pytest.skip("the API server of a cluster given by --kube-context is not stopped")

    def start_api_server(self) -> None:
        """Start the API server again, on the same port with the same data."""
        pytest.skip("the API server of a cluster given by --kube-context is not restarted")

    def restart_controllers(self) -> None:
        """Start the controllers anew: the garbage collector looks for kinds that came or went twice a minute only."""
        pytest.skip("the controllers of a cluster given by --kube-context are not restarted")

    def audit_mark(self) -> int:
        """Give the place in the audit log where it ends now."""
        pytest.skip("a cluster given by --kube-context shows no audit log")

    def requests_since(self, mark: int) -> list[Request]:
        """Give the requests that came after a mark, without those of the control plane itself."""
        pytest.skip("a cluster given by --kube-context shows no audit log")


class OwnControlPlane(ControlPlane):
    """etcd, API server and controller manager as child processes."""

    def __init__(self, plan: programs.Plan, kubeconfig: Path, etcd: Child, server: Child, manager: Child) -> None:
        super().__init__(plan.folder, kubeconfig)
        self._plan = plan
        self._etcd = etcd
        self._server = server
        self._manager = manager

    def stop_api_server(self) -> None:
        self._server.stop(timeout=0)

    def start_api_server(self) -> None:
        self._server.start()
        self._server.wait_until(lambda: is_ready(self.api))

    def restart_controllers(self) -> None:
        self._manager.stop(timeout=0)
        self._manager.start()

    def audit_mark(self) -> int:
        return self._plan.audit_log.stat().st_size

    def requests_since(self, mark: int) -> list[Request]:
        return read_requests(self._plan.audit_log, mark)

    def stop(self) -> None:
        """End all programs; the data is never used again, so at once."""
        self.api.close()
        for child in (self._manager, self._server, self._etcd):
            child.stop(timeout=0)


def is_ready(api: Api) -> bool:
    """Whether the API server says that it is."""
    with suppress(ApiError, urllib3.exceptions.HTTPError):
        return api.text("/readyz") == "ok"
    return False


@contextmanager
def own_control_plane(folder: Path, *crd_names: str) -> Iterator[OwnControlPlane]:
    """Start a control plane with CRDs; its logs are in ``folder``. Ended also when the test fails."""
    plan = programs.Plan.new(folder)
    programs.write_files(plan)
    etcd, server = programs.etcd(plan), programs.api_server(plan)
    try:
        etcd.start()
        server.start()
        server.wait_until(plan.authority.with_suffix(".key").exists)  # written after the certificate
        authority = plan.authority.read_bytes()
        admin = write_kubeconfig(folder / "admin", url=plan.url, token=plan.admin_token, authority=authority)
        config = write_kubeconfig(folder / "manager", url=plan.url, token=plan.manager_token, authority=authority)
        plane = OwnControlPlane(plan, admin, etcd, server, programs.controller_manager(plan, config))
    except BaseException:
        server.stop(timeout=0)
        etcd.stop(timeout=0)
        raise
    try:
        server.wait_until(lambda: is_ready(plane.api))
        plane.install_crds(*crd_names)
        plane.restart_controllers()
        yield plane
    finally:
        plane.stop()


@contextmanager
def named_control_plane(folder: Path, context: str, *crd_names: str) -> Iterator[ControlPlane]:
    """Use a context of the user's KUBECONFIG; CRDs that tests install stay there, namespaces go."""
    view = [str(program("kubectl")), "config", "view", "--minify", "--flatten", "--context", context]
    kubeconfig = folder / "admin"
    kubeconfig.write_text(subprocess.run(view, capture_output=True, text=True, check=True).stdout)
    plane = ControlPlane(folder, kubeconfig)
    try:
        plane.install_crds(*crd_names)
        yield plane
    finally:
        plane.delete_namespaces()
