"""Who a component's pods are to the API server, and what they may do there: nothing, but for the Spark driver."""

from parking.lot import ParkingLot
from parking_operator.objects import Kind, Manifest
from parking_operator.render.labels import child, shared_name
from parking_operator.site import Site

SERVICE_ACCOUNT = Kind("v1", "ServiceAccount")
ROLE_BINDING = Kind("rbac.authorization.k8s.io/v1", "RoleBinding")


AWS_ROLE = "eks.amazonaws.com/role-arn"
"""On an account: the IAM role that its pods take by web identity, so that no key is kept anywhere."""


def service_account(lot: ParkingLot, site: Site, component: str, *, aws_role: str | None = None) -> Manifest:
    """Render the account of a component's pods, with which their images are pulled too."""
    secrets = [{"name": name} for name in site.image_pull_secrets]
    body = {"automountServiceAccountToken": False, **({"imagePullSecrets": secrets} if secrets else {})}
    annotations = {AWS_ROLE: aws_role} if aws_role else None
    return child(lot, SERVICE_ACCOUNT, component, shared_name(lot, component), body, annotations=annotations)


def spark_driver_binding(lot: ParkingLot, site: Site, component: str) -> Manifest:
    """Let a component's account do what a Spark driver does: make its executors and what they need."""
    kind, _, role = site.spark_driver_role.partition("/")
    name = shared_name(lot, component)
    body = {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": lot.metadata.namespace}],
    }
    return child(lot, ROLE_BINDING, component, name, body)
