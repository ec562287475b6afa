"""The control plane that other tests stand on."""

from typing import Any

import pytest

from tests.support.cluster import crds
from tests.support.cluster.api import Api, ApiError, Manifest
from tests.support.cluster.audit import Request
from tests.support.cluster.control_plane import ControlPlane
from tests.support.cluster.waiting import eventually

pytestmark = pytest.mark.cluster


def _config_map(namespace: str, name: str, **metadata: Any) -> Manifest:
    found = {"name": name, "namespace": namespace, **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": found, "data": {}}


@pytest.mark.parametrize("name", [crds.KAFKA_TOPIC, crds.SPARK_APPLICATION, crds.HTTP_ROUTE])
def test_crds_of_others_are_served(control_plane: ControlPlane, name: str) -> None:
    crd = control_plane.api.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", None, name)
    assert crd is not None
    assert {"Established": "True"}.items() <= {
        told["type"]: told["status"] for told in crd["status"]["conditions"]
    }.items()


def test_a_crd_can_go_and_come_back_in_an_older_version(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    older = {"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "KafkaTopic", "spec": {"partitions": 1}}
    control_plane.remove_crd(crds.KAFKA_TOPIC)
    try:
        with pytest.raises(ApiError) as refused:
            Api.of(control_plane.kubeconfig).list("kafka.strimzi.io/v1", "KafkaTopic")
        assert refused.value.status == 404
        control_plane.install_older_kafka_topics()
        assert control_plane.api.apply(older | {"metadata": {"name": "raw", "namespace": namespace}})
    finally:
        control_plane.remove_crd(crds.KAFKA_TOPIC)
        control_plane.install_crds(crds.KAFKA_TOPIC)


def test_what_an_owner_leaves_behind_is_removed(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    owner = control_plane.api.create(_config_map(namespace, "owner"))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    control_plane.api.create(_config_map(namespace, "child", ownerReferences=[reference]))
    control_plane.api.delete("v1", "ConfigMap", namespace, "owner")
    eventually(lambda: control_plane.api.get("v1", "ConfigMap", namespace, "child") is None)


def test_a_service_account_has_the_rights_that_it_is_given(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    api = Api.of(control_plane.kubeconfig_for(namespace, "default"))
    with pytest.raises(ApiError) as refused:
        api.list("v1", "ConfigMap", namespace)
    assert refused.value.status == 403
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    metadata = {"name": "reader", "namespace": namespace}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata}
    control_plane.api.create(binding | {"roleRef": role, "subjects": [subject]})
    eventually(lambda: _may_list(api, namespace))
    with pytest.raises(ApiError) as refused:
        api.create(_config_map(namespace, "mine"))
    assert refused.value.status == 403


def _may_list(api: Api, namespace: str) -> bool:
    try:
        api.list("v1", "ConfigMap", namespace)
    except ApiError:
        return False
    return True


def test_requests_can_be_counted(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    control_plane.api.create(_config_map(namespace, "before"))
    mark = control_plane.audit_mark()
    api = Api.of(control_plane.kubeconfig, user_agent="counted")
    api.apply(_config_map(namespace, "one"))
    api.apply(_config_map(namespace, "two"), dry_run=True)
    api.stream(api.path("v1", "ConfigMap", namespace), {"timeoutSeconds": "1"}).close()
    requests = eventually(lambda: _counted(control_plane, mark, 3))
    assert [(told.verb, told.name, told.writes) for told in requests] == [
        ("patch", "one", True),
        ("patch", "two", False),
        ("watch", "", False),
    ]
    assert {told.namespace for told in requests} == {namespace}


def _counted(control_plane: ControlPlane, mark: int, number: int) -> list[Request]:
    """The requests of this test's client, when there are as many."""
    found = [told for told in control_plane.requests_since(mark) if told.user_agent == "counted" and told.resource]
    return found if len(found) == number else []


def test_the_api_server_comes_back_with_its_data(control_plane: ControlPlane) -> None:
    namespace = control_plane.namespace()
    made = control_plane.api.create(_config_map(namespace, "kept"))
    control_plane.stop_api_server()
    try:
        with pytest.raises(Exception, match="refused"):
            control_plane.api.get("v1", "ConfigMap", namespace, "kept")
    finally:
        control_plane.start_api_server()
    found = control_plane.api.get("v1", "ConfigMap", namespace, "kept")
    assert found is not None
    assert found["metadata"]["uid"] == made["metadata"]["uid"]
