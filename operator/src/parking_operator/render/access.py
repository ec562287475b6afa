"""Who a component's pods are to the API server, and what they may do there: nothing, but for the Spark driver."""

from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest
from parking_operator.render.labels import SESSION_JOB, child, shared_name
from parking_operator.site import Site

SERVICE_ACCOUNT = Kind("v1", "ServiceAccount")
ROLE_BINDING = Kind("rbac.authorization.k8s.io/v1", "RoleBinding")


def service_account(lot: ParkingLot, site: Site, component: str) -> Manifest:
    """Render the account of a component's pods, with which their images are pulled too."""
    secrets = [{"name": name} for name in site.image_pull_secrets]
    body = {"automountServiceAccountToken": False, **({"imagePullSecrets": secrets} if secrets else {})}
    return child(lot, SERVICE_ACCOUNT, component, shared_name(lot, component), body)


def spark_driver_binding(lot: ParkingLot, site: Site) -> Manifest:
    """Let the session job's account do what a Spark driver does: make its executors and what they need."""
    kind, _, role = site.spark_driver_role.partition("/")
    name = shared_name(lot, SESSION_JOB)
    body = {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": lot.metadata.namespace}],
    }
    return child(lot, ROLE_BINDING, SESSION_JOB, name, body)
