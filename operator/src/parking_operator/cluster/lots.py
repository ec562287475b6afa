"""The lots that the operator looks after, and which of them has which topics."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from parking.errors import InvalidInputError
from parking.lot import ParkingLot
from parking.manifest import load_lot
from parking.topics import topics_of
from parking_operator.cluster.resources import canonical
from parking_operator.cluster.store import LotKey, version_of
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.site import Site
from parking_operator.status import ConditionType, Reason

Claim = tuple[str, str]
"""Brokers and topic."""
Seniority = tuple[str, str]
"""When a lot was created, and its uid to decide among equals."""


class Lots:
    """Lots as the API server has them. Each spec is read once per generation. Safe to use from several threads."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.RLock()
        self._bodies: dict[LotKey, Manifest] = {}
        self._read: dict[LotKey, tuple[str, int, ParkingLot | InvalidInputError]] = {}
        self._claims: defaultdict[Claim, dict[LotKey, Seniority]] = defaultdict(dict)

    def put(self, body: Mapping[str, Any]) -> LotKey | None:
        """Keep a lot; gives its key if this is news, None if it was known."""
        lot = canonical(body)
        key = (lot["metadata"]["namespace"], lot["metadata"]["name"])
        with self._lock:
            known = self._bodies.get(key)
            if known and version_of(known) >= version_of(lot):
                return None
            self._bodies[key] = lot
        return key

    def drop(self, body: Mapping[str, Any]) -> LotKey:
        """Forget a lot that is gone; gives its key."""
        key = (body["metadata"]["namespace"], body["metadata"]["name"])
        with self._lock:
            known = self._bodies.get(key)
            if known and known["metadata"]["uid"] == body["metadata"]["uid"]:
                del self._bodies[key]
                self._forget_claims(key)
                self._read.pop(key, None)
        return key

    def body(self, key: LotKey) -> Manifest | None:
        """Give a lot as the API server has it."""
        with self._lock:
            return self._bodies.get(key)

    def of_kind(self, kind: str) -> dict[Ref, Manifest]:
        """Give all objects of a kind; lots are all of one."""
        with self._lock:
            return {ref_of(body): body for body in self._bodies.values() if body["kind"] == kind}

    def names(self) -> list[LotKey]:
        """Name all lots."""
        with self._lock:
            return list(self._bodies)

    def read(self, key: LotKey) -> ParkingLot:
        """Give a lot; raises InvalidInputError for a spec that contradicts itself, KeyError for an unknown lot."""
        with self._lock:
            lot = self._reading(key)
        if isinstance(lot, InvalidInputError):
            raise lot
        return lot

    def taken(self, lot: ParkingLot) -> dict[str, str]:
        """Give those of a lot's topics that an older lot has on the same brokers, each with that lot."""
        key = (lot.metadata.namespace, lot.name)
        with self._lock:
            for other in self._bodies:
                self._reading(other)
            oldest = {claim[1]: self._oldest(claim, key) for claim in self._claims_of(lot)}
        return {topic: "/".join(holder) for topic, holder in oldest.items() if holder != key}

    def passed_on(self, lot: ParkingLot, former: Iterable[str]) -> frozenset[str]:
        """Give those of a lot's former topics that another lot names now, on the same brokers."""
        brokers, key = self._site.bootstrap_servers_of(lot), (lot.metadata.namespace, lot.name)
        with self._lock:
            return frozenset(topic for topic in former if self._claims.get((brokers, topic), {}).keys() - {key})

    def waiting(self) -> list[LotKey]:
        """Name the lots that were last told that an older one has their topics."""
        with self._lock:
            return [key for key, body in self._bodies.items() if _ready_reason(body) == Reason.CONFLICT]

    def readiness(self) -> dict[LotKey, bool]:
        """Tell of each lot whether it was last told to be ready; suspended ones are not meant to be."""
        with self._lock:
            reasons = {key: _ready_reason(body) for key, body in self._bodies.items()}
        return {key: reason == Reason.READY for key, reason in reasons.items() if reason != Reason.SUSPENDED}

    def _reading(self, key: LotKey) -> ParkingLot | InvalidInputError:
        body = self._bodies[key]
        uid, generation = body["metadata"]["uid"], body["metadata"]["generation"]
        if key in self._read and self._read[key][:2] == (uid, generation):
            return self._read[key][2]
        lot = _load(body)
        self._read[key] = (uid, generation, lot)
        self._forget_claims(key)
        if isinstance(lot, ParkingLot):
            for claim in self._claims_of(lot):
                self._claims[claim][key] = (lot.metadata.creation_timestamp or "", uid)
        return lot

    def _oldest(self, claim: Claim, default: LotKey) -> LotKey:
        holders = self._claims.get(claim, {})
        return min(holders, key=holders.__getitem__, default=default)

    def _claims_of(self, lot: ParkingLot) -> list[Claim]:
        brokers = self._site.bootstrap_servers_of(lot)
        return [(brokers, topic.name) for topic in topics_of(lot)]

    def _forget_claims(self, key: LotKey) -> None:
        for claim in [claim for claim, holders in self._claims.items() if holders.pop(key, None)]:
            if not self._claims[claim]:
                del self._claims[claim]


def _ready_reason(body: Manifest) -> str:
    conditions = body.get("status", {}).get("conditions", ())
    return next((condition["reason"] for condition in conditions if condition["type"] == ConditionType.READY), "")


def _load(body: Manifest) -> ParkingLot | InvalidInputError:
    try:
        return load_lot(body)
    except InvalidInputError as error:
        return error
