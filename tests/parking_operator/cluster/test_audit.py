"""What watches owe, and how an audit puts right what they did not tell."""

from typing import Any

from parking_operator.cluster.api_server import Listing, NotFoundError, UnknownKindError
from parking_operator.cluster.audit import Heartbeat, Watch, audit
from parking_operator.cluster.resources import resource_of
from parking_operator.cluster.served import ServedVersions
from parking_operator.cluster.store import Store
from parking_operator.objects import Ref, ref_of
from tests.parking_operator.cluster.test_store import LOT, config_map

CONFIG_MAPS = resource_of("ConfigMap")
A = Ref("v1", "ConfigMap", "default", "a")


class Server:
    """Answers what the audit asks, from a dict of objects."""

    def __init__(self, *bodies: dict[str, Any], version: int = 100) -> None:
        self.bodies = {body["metadata"]["name"]: body for body in bodies}
        self.version = version
        self.reads = 0

    def listing(self, resource: Any, **_: Any) -> Listing:
        items = [{key: body[key] for key in ("apiVersion", "kind", "metadata")} for body in self.bodies.values()]
        return Listing(self.version, items)

    def read(self, path: str) -> dict[str, Any]:
        self.reads += 1
        try:
            return self.bodies[path.rsplit("/", 1)[1]]
        except KeyError:
            raise NotFoundError(path) from None


def run(server: Any, store: Store, heartbeat: Heartbeat | None = None) -> set[Any]:
    watch = Watch(CONFIG_MAPS, None, "", store)
    return audit(server, ServedVersions(server), watch, heartbeat or Heartbeat(lambda: 0.0))


def store_of(*bodies: dict[str, Any]) -> Store:
    store = Store()
    for body in bodies:
        store.put(body)
    return store


def test_nothing_is_read_when_all_is_known() -> None:
    server, store = Server(config_map(5)), store_of(config_map(5))
    assert run(server, store) == set()
    assert server.reads == 0


def test_what_a_watch_did_not_tell_is_put_right() -> None:
    server = Server(config_map(9), config_map(8, name="new"))
    store = store_of(config_map(5), config_map(5, name="gone"))
    assert run(server, store) == {LOT}
    assert {ref.name: body["data"]["version"] for ref, body in store.of_lot(LOT).items()} == {"a": "9", "new": "8"}


def test_what_came_after_the_listing_stays() -> None:
    store = store_of(config_map(101))
    assert run(Server(version=100), store) == set()
    assert len(store.of_lot(LOT)) == 1


def test_of_a_kind_that_is_not_served_any_more_nothing_is_left() -> None:
    class Bare(Server):
        def listing(self, resource: Any, **_: Any) -> Listing:
            raise UnknownKindError("no such kind")

    store = store_of(config_map(5))
    assert run(Bare(), store) == {LOT}
    assert store.of_lot(LOT) == {}


def test_a_watch_that_owes_a_change_falls_behind_until_it_brings_it() -> None:
    now = 0.0
    heartbeat = Heartbeat(lambda: now)
    heartbeat.heard(A, 5)
    run(Server(config_map(9)), store_of(config_map(9)), heartbeat)
    now = 50.0
    assert heartbeat.behind() == {"ConfigMap": 50.0}
    heartbeat.heard(A, 7)
    assert heartbeat.behind() == {"ConfigMap": 50.0}, "not yet the version that the API server had"
    heartbeat.heard(A, 9)
    assert heartbeat.behind() == {}


def test_what_is_gone_is_not_owed() -> None:
    heartbeat = Heartbeat(lambda: 0.0)
    heartbeat.seen(A, 5)
    assert heartbeat.behind() == {"ConfigMap": 0.0}
    heartbeat.gone(ref_of(config_map(5)))
    assert heartbeat.behind() == {}
