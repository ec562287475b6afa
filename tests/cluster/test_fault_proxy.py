"""The fault proxy makes the faults that it is asked for, and none else."""

import threading
from collections.abc import Iterator

import pytest
import urllib3

from tests.support.cluster.api import Api, ApiError, Manifest, events
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.fault_proxy import FaultProxy
from tests.support.cluster.waiting import eventually

pytestmark = pytest.mark.cluster


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[FaultProxy]:
    with FaultProxy(control_plane.url, control_plane.authority) as running:
        yield running


@pytest.fixture
def namespace(control_plane: ControlPlane) -> str:
    """Where the service account ``default`` may do anything."""
    namespace = control_plane.namespace()
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"}
    metadata = {"name": "admin", "namespace": namespace}
    control_plane.api.create(binding | {"metadata": metadata, "roleRef": role, "subjects": [subject]})
    return namespace


@pytest.fixture
def api(control_plane: ControlPlane, proxy: FaultProxy, namespace: str) -> Api:
    """A client that goes through the proxy, with a token of its own."""
    api = Api.of(control_plane.kubeconfig_for(namespace, "default", url=proxy.url))

    def allowed() -> bool:
        review = {"spec": {"resourceAttributes": {"verb": "create", "resource": "configmaps", "namespace": namespace}}}
        answer = api.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
        return bool(answer["status"]["allowed"])

    eventually(allowed)
    return api


def _config_map(namespace: str, name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": {}}


class _Listener:
    """Watches ConfigMaps in a thread and keeps the names that it hears of."""

    def __init__(self, api: Api, namespace: str) -> None:
        self.heard: list[str] = []
        self.ended = threading.Event()
        version = api.request("GET", api.path("v1", "ConfigMap", namespace))["metadata"]["resourceVersion"]
        self._stream = api.stream(api.path("v1", "ConfigMap", namespace), {"resourceVersion": version})
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for event in events(self._stream):
                self.heard.append(event["object"]["metadata"]["name"])
        except (urllib3.exceptions.HTTPError, OSError):
            pass
        finally:
            self.ended.set()

    def stop(self) -> None:
        self._stream.shutdown()
        assert self.ended.wait(10)


def test_requests_and_watches_pass(api: Api, namespace: str, proxy: FaultProxy) -> None:
    listener = _Listener(api, namespace)
    assert api.create(_config_map(namespace, "one"))["metadata"]["uid"]
    eventually(lambda: listener.heard == ["one"])
    listener.stop()
    assert proxy.counters["watches"] == 1
    assert proxy.counters["refused"] == 0


def test_writes_are_refused_as_often_as_asked(api: Api, namespace: str, proxy: FaultProxy) -> None:
    proxy.answer(429, times=2, retry_after=1)
    for _ in range(2):
        assert _code(api, namespace) == 200
        with pytest.raises(ApiError, match="429 TooManyRequests"):
            api.apply(_config_map(namespace, "one"))
    assert api.apply(_config_map(namespace, "one"))
    assert proxy.counters["refused"] == 2


def test_what_is_refused_by_chance_follows_from_the_seed(api: Api, namespace: str, proxy: FaultProxy) -> None:
    def run() -> list[int]:
        proxy.answer(500, probability=0.5, seed=7, writes_only=False)
        codes = [_code(api, namespace) for _ in range(20)]
        proxy.heal()
        return codes

    first = run()
    assert first == run()
    assert {200, 500} == set(first)
    assert _code(api, namespace) == 200


def _code(api: Api, namespace: str) -> int:
    try:
        api.request("GET", f"/api/v1/namespaces/{namespace}/configmaps")
    except ApiError as error:
        return error.status
    return 200


def test_cut_watches_end(api: Api, namespace: str, proxy: FaultProxy) -> None:
    listener = _Listener(api, namespace)
    assert proxy.cut_watches() == 1
    assert listener.ended.wait(10)


def test_frozen_watches_stay_open_and_silent(api: Api, namespace: str, proxy: FaultProxy) -> None:
    frozen = _Listener(api, namespace)
    assert proxy.freeze_watches() == 1
    fresh = _Listener(api, namespace)
    api.create(_config_map(namespace, "unheard"))
    eventually(lambda: fresh.heard == ["unheard"])
    assert frozen.heard == []
    assert not frozen.ended.is_set()
    frozen.stop()
    fresh.stop()


def test_down_breaks_what_runs_and_up_goes_on(api: Api, namespace: str, proxy: FaultProxy) -> None:
    listener = _Listener(api, namespace)
    proxy.down()
    assert listener.ended.wait(10)
    with pytest.raises(urllib3.exceptions.HTTPError):
        api.list("v1", "ConfigMap", namespace)
    proxy.up()
    assert _code(api, namespace) == 200


@pytest.mark.parametrize("done", [True, False])
def test_a_crash_comes_before_or_after_the_write(
    control_plane: ControlPlane, api: Api, namespace: str, proxy: FaultProxy, done: bool
) -> None:
    acted: list[str] = []
    crash = proxy.crash_at(2, lambda: acted.append("now"), done=done)
    api.create(_config_map(namespace, "one"))
    with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
        api.create(_config_map(namespace, "two"))
    with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
        api.get("v1", "ConfigMap", namespace, "one")
    assert crash.struck.is_set()
    assert acted == ["now"]
    made = control_plane.api.get("v1", "ConfigMap", namespace, "two") is not None
    assert made is done
    proxy.heal()
    assert api.get("v1", "ConfigMap", namespace, "one")


def test_an_api_server_that_is_away_is_away_behind_the_proxy_too(
    control_plane: ControlPlane, api: Api, namespace: str, proxy: FaultProxy
) -> None:
    control_plane.stop_api_server()
    try:
        with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
            api.list("v1", "ConfigMap", namespace)
    finally:
        control_plane.start_api_server()
    assert _code(api, namespace) == 200
    assert proxy.counters["unreachable"] == 1
