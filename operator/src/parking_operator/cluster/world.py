"""A Kubernetes cluster as the world of one lot: read from what the watches told, written by server-side apply."""

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import ValidationError

from parking.lot import API_VERSION, KIND, ParkingLot
from parking.topics import TopicSpec
from parking_operator.broker_topics import BrokerTopics
from parking_operator.cluster.api_server import ApiServer, NotFoundError, UnknownKindError
from parking_operator.cluster.events import event, notable
from parking_operator.cluster.lots import Lots
from parking_operator.cluster.pods import as_workload, with_pods, workload_of
from parking_operator.cluster.served import ServedVersions
from parking_operator.cluster.store import LotKey, Store
from parking_operator.handover import WORKLOADS
from parking_operator.objects import Manifest, Ref, ref_of
from parking_operator.render.labels import component_of
from parking_operator.render.topics import CLUSTER_LABEL, KAFKA_TOPIC, kafka_topic, topics
from parking_operator.site import Site
from parking_operator.status import LotStatus, utc_now
from parking_operator.topic_admin import TopicAdmin
from parking_operator.world import Child, Observation, WorldError

LOG = logging.getLogger(__name__)

FINALIZER = "parking.dev/children"
"""On a lot: its children have to be ended before it may go."""
_BROKER_SECONDS = 5
"""How long a pass waits for brokers that do not answer: others wait for its turn."""
MANAGER = "parking-operator"
"""Field manager of what we write on lots; each component of children has one of its own."""


@dataclass(frozen=True)
class Cluster:
    """What the worlds of all lots share."""

    site: Site
    server: ApiServer
    lots: Lots
    store: Store = field(default_factory=Store)
    _admins: dict[str, TopicAdmin] = field(default_factory=dict, init=False)

    @cached_property
    def versions(self) -> ServedVersions:
        """Versions in which kinds are served."""
        return ServedVersions(self.server)

    def topics_at(self, brokers: str) -> BrokerTopics:
        """Give access to the topics of a Kafka cluster that no topic operator looks after."""
        if brokers not in self._admins:
            self._admins[brokers] = TopicAdmin(brokers, timeout=_BROKER_SECONDS)
        return BrokerTopics(self._admins[brokers])


def apply_part(
    server: ApiServer,
    metadata: Mapping[str, object],
    body: Manifest,
    *,
    finalizers: list[str] | None = None,
    subresource: str = "",
) -> Manifest:
    """Apply our part of a lot, and of the very lot with this name, namespace and uid only."""
    named = {key: metadata[key] for key in ("name", "namespace", "uid")}
    more = {} if finalizers is None else {"finalizers": finalizers}
    mine = {"apiVersion": API_VERSION, "kind": KIND, "metadata": {**named, **more}, **body}
    return server.apply(mine, manager=MANAGER, force=True, subresource=subresource)


class ClusterWorld:
    """The world of one lot in a cluster."""

    def __init__(self, cluster: Cluster, lot: ParkingLot) -> None:
        self._cluster = cluster
        self._lot = lot
        self._key: LotKey = (lot.metadata.namespace, lot.name)
        self._let_go: set[Ref] = set()

    def observe(self, lot: ParkingLot) -> Observation:
        """Tell what there is of the lot."""
        status = self.observe_status()
        children = {**self._broker_topics(status), **self._objects()}
        kept = {ref: child for ref, child in children.items() if ref not in self._let_go}
        lots = self._cluster.lots
        return Observation(kept, status, lots.taken(lot), lots.passed_on(lot, status.topics if status else ()))

    def observe_status(self) -> LotStatus | None:
        """Tell what was last reported."""
        body = self._cluster.lots.body(self._key)
        try:
            return LotStatus.model_validate(body["status"]) if body and "status" in body else None
        except ValidationError:  # written by another version of ours: it is written anew
            return None

    def apply(self, manifest: Manifest) -> None:
        """Make an object or change it into this. One that is not known to be ours is not taken from its managers."""
        ref = ref_of(manifest)
        if _is_made_by_us(manifest):
            self._topics.apply(manifest)
            return
        ours = self._cluster.store.get(ref) is not None
        manager, version = f"{MANAGER}-{component_of(manifest)}", self._cluster.versions.of(ref.sort)
        try:
            applied = self._cluster.server.apply(manifest, manager=manager, force=ours, api_version=version)
        except UnknownKindError as error:
            raise self._cluster.versions.not_installed(ref.sort, error) from error
        self._cluster.store.put(applied)

    def remove(self, ref: Ref, *, keep_data: bool = False) -> None:
        """Begin to remove an object. It is observed until it has gone, and a workload until its pods have."""
        known = self._cluster.store.get(ref)
        if known is None:
            self._remove_topic(ref, keep_data=keep_data)
        elif "deletionTimestamp" not in known["metadata"]:
            self._remove_object(ref, known["metadata"]["uid"], keep_data=keep_data)

    def report(self, lot: ParkingLot, status: LotStatus) -> None:  # noqa: ARG002 - this world is one lot's
        """Write the lot's status, and an Event for each turn it takes."""
        before = self.observe_status()
        self._write({"status": status.document()}, subresource="status")
        for condition, trouble in notable(before, status):
            self._post(condition.reason, f"{condition.type}: {condition.message}", trouble=trouble)

    def warn(self, reason: str, message: str) -> None:
        """Post a warning about the lot."""
        self._post(reason, message, trouble=True)

    def is_held(self) -> bool:
        """Whether the lot is kept from going."""
        body = self._cluster.lots.body(self._key)
        return body is not None and FINALIZER in body["metadata"].get("finalizers", ())

    def hold(self) -> None:
        """Keep the lot from going before its children have been ended."""
        if not self.is_held():
            self._write({}, finalizers=[FINALIZER])

    def release(self) -> None:
        """Let the lot go."""
        if self.is_held():
            self._apply({}, finalizers=[])

    @property
    def _topics(self) -> BrokerTopics:
        return self._cluster.topics_at(self._cluster.site.bootstrap_servers_of(self._lot))

    def _write(self, body: Manifest, *, finalizers: list[str] | None = None, subresource: str = "") -> None:
        self._cluster.lots.put(self._apply(body, finalizers=finalizers, subresource=subresource))

    def _apply(self, body: Manifest, *, finalizers: list[str] | None = None, subresource: str = "") -> Manifest:
        metadata = {"name": self._lot.name, "namespace": self._lot.metadata.namespace, "uid": self._lot.metadata.uid}
        return apply_part(self._cluster.server, metadata, body, finalizers=finalizers, subresource=subresource)

    def _post(self, reason: str, message: str, *, trouble: bool) -> None:
        try:
            self._cluster.server.create(event(self._lot, reason, message, trouble=trouble, now=utc_now()), "events")
        except WorldError as error:
            LOG.warning("%s/%s: an Event is lost: %s", *self._key, error)

    def _objects(self) -> dict[Ref, Child]:
        """Objects with what their pods say; a workload that is gone is there until its last pod is."""
        found = self._cluster.store.of_lot(self._key)
        pods: defaultdict[Ref, list[Manifest]] = defaultdict(list)
        for body in found.values():
            if body["kind"] == "Pod" and (workload := workload_of(body)):
                pods[workload].append(body)
        lingering = {ref: as_workload(ref, group[0]) for ref, group in pods.items() if ref not in found}
        objects = {ref: body for ref, body in {**lingering, **found}.items() if body["kind"] != "Pod"}
        return {
            ref: with_pods(body, pods[ref]) if ref.kind in WORKLOADS else Child(body) for ref, body in objects.items()
        }

    def _broker_topics(self, status: LotStatus | None) -> Mapping[Ref, Child]:
        """Topics made by us: those that the lot has now, and those of former names that were not deleted."""
        if self._lot.spec.kafka.cluster:
            return {}
        manifests = topics(self._lot, self._cluster.site)
        names = {manifest["spec"]["topicName"] for manifest in manifests}
        former = [name for name in (status.topics if status else ()) if name not in names]
        return self._topics.observe((*manifests, *map(self._former_topic, former)))

    def _former_topic(self, name: str) -> Manifest:
        spec = TopicSpec(name=name, partitions=1, replicas=1, config={})
        return kafka_topic(self._lot, self._cluster.site, spec)

    def _remove_topic(self, ref: Ref, *, keep_data: bool) -> None:
        """Delete a topic made by us, or forget it."""
        topic = self._broker_topics(self.observe_status()).get(ref) if ref.kind == KAFKA_TOPIC.kind else None
        if topic and keep_data:
            self._let_go.add(ref)
        elif topic:
            self._topics.delete(topic.manifest)

    def _remove_object(self, ref: Ref, uid: str, *, keep_data: bool) -> None:
        version = self._cluster.versions.of(ref.sort)
        try:
            if keep_data:
                # Strimzi leaves the topic of an object that it does not manage any more.
                self._cluster.server.annotate(ref, {"strimzi.io/managed": "false"}, api_version=version)
            self._cluster.server.delete(ref, uid=uid, api_version=version)
        except NotFoundError:
            return


def _is_made_by_us(manifest: Manifest) -> bool:
    """Whether a KafkaTopic has no topic operator: then it is no object, but a topic that we make."""
    return manifest["kind"] == KAFKA_TOPIC.kind and CLUSTER_LABEL not in manifest["metadata"]["labels"]
