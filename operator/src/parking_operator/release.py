"""Before the operator is uninstalled: stop it, then take our finalizer off every lot, so that nothing waits for us.

Lots and all they consist of stay as they are; deleting a lot later is then up to Kubernetes' garbage collection.
"""

import logging
import time

from parking_operator.cluster.api_server import ApiServer, NotFoundError
from parking_operator.cluster.resources import LOT
from parking_operator.cluster.world import FINALIZER, apply_part
from parking_operator.world import WorldError

LOG = logging.getLogger(__name__)

_PATIENCE = 60.0


def release_all(operator: str, namespaces: tuple[str, ...]) -> int:
    """Stop the Deployment ``operator`` (namespace/name) and let go of the lots; gives the exit code."""
    server = ApiServer.from_surroundings(connections=1)
    try:
        _stop(server, *operator.split("/", 1))
        for namespace in namespaces or (None,):
            _release(server, namespace)
    except WorldError as error:
        LOG.error("%s", error)  # noqa: TRY400 - its text says all
        return 1
    return 0


def _stop(server: ApiServer, namespace: str, name: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    try:
        server.patch(f"{path}/scale", {"spec": {"replicas": 0}})
    except NotFoundError:
        return
    deadline = time.monotonic() + _PATIENCE
    while server.read(path).get("status", {}).get("replicas", 0):
        if time.monotonic() > deadline:
            raise WorldError(f"{name} still runs after {_PATIENCE:.0f} s")
        time.sleep(0.5)


def _release(server: ApiServer, namespace: str | None) -> None:
    for lot in server.listing(LOT, namespace=namespace).items:
        metadata = lot["metadata"]
        if FINALIZER in metadata.get("finalizers", ()):
            apply_part(server, metadata, {}, finalizers=[])
            LOG.info("%s/%s: let go", metadata["namespace"], metadata["name"])
