"""Looks after lots, one at a time: a pass over a living lot, a step towards the end of a deleted one."""

import logging
from datetime import datetime, timedelta

from parking.errors import InvalidInputError
from parking.lot import ParkingLot
from parking_operator.cluster.store import LotKey
from parking_operator.cluster.world import Cluster, ClusterWorld
from parking_operator.objects import Manifest
from parking_operator.reconcile import reconcile
from parking_operator.status import Clock, invalid_status, utc_now
from parking_operator.teardown import tear_down

LOG = logging.getLogger(__name__)


class Controller:
    """Brings lots in line, level by level: what has happened does not matter, only what is."""

    def __init__(self, cluster: Cluster, *, patience: timedelta, clock: Clock = utc_now) -> None:
        self._cluster = cluster
        self._patience = patience
        self._clock = clock

    def work(self, key: LotKey) -> bool:
        """Take one pass over a lot; tells whether nothing is on its way any more. Raises WorldError."""
        body = self._cluster.lots.body(key)
        if body is None:
            return True
        if "deletionTimestamp" in body["metadata"]:
            return self._end(key, body)
        try:
            lot = self._cluster.lots.read(key)
        except InvalidInputError as error:
            return self._refuse(body, error)
        world = ClusterWorld(self._cluster, lot)
        world.hold()
        outcome = reconcile(lot, self._cluster.site, world, clock=self._clock)
        if outcome.applied or outcome.removed:
            LOG.info("%s/%s: applied %d, removed %d", *key, len(outcome.applied), len(outcome.removed))
        return outcome.status.is_settled and not outcome.failures

    def _refuse(self, body: Manifest, error: InvalidInputError) -> bool:
        """Tell that the spec contradicts itself; the lot runs on as it was."""
        lot = _stand_in(body)
        world = ClusterWorld(self._cluster, lot)
        world.hold()
        before = world.observe_status()
        status = invalid_status(lot, str(error), previous=before, now=self._clock())
        if status != before:
            world.report(lot, status)
        return True

    def _end(self, key: LotKey, body: Manifest) -> bool:
        try:
            lot = self._cluster.lots.read(key)
        except InvalidInputError:
            lot = _stand_in(body)
        world = ClusterWorld(self._cluster, lot)
        if not world.is_held():
            return True
        began = datetime.fromisoformat(body["metadata"]["deletionTimestamp"])
        ending = tear_down(lot, world, waited=self._clock() - began, patience=self._patience)
        if not ending.is_over:
            return False
        if ending.given_up:
            world.warn("LeftBehind", f"could not be removed: {', '.join(map(str, ending.left))}")
        world.release()
        LOG.info("%s/%s: has ended", *key)
        return True


def _stand_in(body: Manifest) -> ParkingLot:
    """Give a lot of the same name for one whose spec cannot be read; it keeps its topics."""
    names = {key: body["metadata"][key] for key in ("name", "namespace", "uid", "generation")}
    return ParkingLot.model_validate(
        {
            "apiVersion": body["apiVersion"],
            "kind": body["kind"],
            "metadata": names,
            "spec": {"layout": {"bays": ["A1"]}},
        }
    )
