"""The claim for a lot's checkpoint: made once, whatever its site says later, and made again when it was taken away."""

from pathlib import Path

import pytest

from parking_operator.objects import Manifest, Ref
from parking_operator.render.checkpoint import CLAIM
from tests.cluster.conftest import Surroundings
from tests.support.cluster.api import Api
from tests.support.cluster.lots import LotInCluster
from tests.support.cluster.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.broker]

NAME = "central-sessions-checkpoint"
OTHER = (
    *("--checkpoint-claim-size", "2Gi", "--checkpoint-storage-class", "files"),
    *("--checkpoint-access-mode", "ReadWriteOnce"),
)


def claim_of(lot: LotInCluster) -> Manifest:
    claim = lot.children().get(Ref(*CLAIM, lot.namespace, NAME))
    assert claim, "there is no claim"
    return claim


def identity(claim: Manifest) -> str:
    uid: str = claim["metadata"]["uid"]
    return uid


def test_other_values_count_for_claims_that_are_made_from_then_on(surroundings: Surroundings, tmp_path: Path) -> None:
    lot = surroundings.lot()
    with surroundings.operator(tmp_path).at_work():
        lot.create()
        lot.wait_for("Ready")
        before = claim_of(lot)
    with surroundings.operator(tmp_path, *OTHER).at_work() as process:
        eventually(lambda: claim_of(lot)["metadata"]["annotations"] != before["metadata"]["annotations"])
        process.wait_until_quiet()
        lot.wait_for("Ready")
        after = claim_of(lot)
        assert (identity(after), after["spec"]) == (identity(before), before["spec"])
        lot.edit(suspend=True)
        lot.wait_for("Suspended")
        eventually(lambda: Ref(*CLAIM, lot.namespace, NAME) not in lot.children())
        lot.edit(suspend=None)
        lot.wait_for("Ready")
        new = claim_of(lot)["spec"]
        assert new["resources"]["requests"]["storage"] == "2Gi"
        assert (new["storageClassName"], new["accessModes"]) == ("files", ["ReadWriteOnce"])
        lot.delete()
        lot.wait_until_gone()


def test_a_claim_deleted_in_use_comes_back_when_its_last_pod_has_gone(
    surroundings: Surroundings, tmp_path: Path
) -> None:
    api, lot = surroundings.plane.api, surroundings.lot()
    with surroundings.operator(tmp_path).at_work() as process:
        lot.create()
        lot.wait_for("Ready")
        pod = use(api, lot.namespace)
        old = identity(claim_of(lot))
        api.delete(*CLAIM, lot.namespace, NAME)
        eventually(lambda: "deletionTimestamp" in claim_of(lot)["metadata"])
        process.wait_until_quiet()
        assert identity(claim_of(lot)) == old
        lot.wait_for("Ready")
        api.delete("v1", "Pod", lot.namespace, pod, grace=0)
        eventually(lambda: identity(claim_of(lot)) != old, what="the claim does not come back")
        lot.wait_for("Ready")
        lot.delete()
        lot.wait_until_gone()


def use(api: Api, namespace: str) -> str:
    """Mount the claim into a pod on a node; Kubernetes then keeps the claim. Gives the pod's name."""
    volume = {"name": "checkpoint", "persistentVolumeClaim": {"claimName": NAME}}
    container = {"name": "user", "image": "user:1"}
    spec = {"nodeName": "somewhere", "containers": [container], "volumes": [volume]}
    api.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "user", "namespace": namespace}, "spec": spec})
    return "user"
