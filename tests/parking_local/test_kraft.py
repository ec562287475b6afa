"""Properties and data folders of brokers that form a cluster, without starting any."""

from itertools import pairwise
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking_local import broker, kraft
from parking_local.broker import BrokerSettings, cluster_commands

Told = dict[str, str]


def told(path: Path) -> Told:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


@pytest.fixture
def formatted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str]]:
    """Properties that were formatted with, and cluster ids."""
    done: list[tuple[Path, str]] = []

    def write(_java: list[str], properties: Path, cluster: str) -> None:
        done.append((properties, cluster))
        meta = Path(told(properties)["log.dirs"]) / "meta.properties"
        meta.parent.mkdir(parents=True)
        meta.write_text(f"version=1\nnode.id={told(properties)['node.id']}\ncluster.id={cluster}\n")

    monkeypatch.setattr(broker, "_format", write)
    monkeypatch.setattr(broker.jars, "resolve", lambda _jars: [])
    monkeypatch.setattr(broker, "java_home", lambda: Path("/java"))
    return done


def start(folder: Path, brokers: int) -> list[Told]:
    return [told(Path(argv[-1])) for argv in cluster_commands(BrokerSettings(9092, folder, brokers=brokers))]


@pytest.mark.usefixtures("formatted")
def test_nodes_know_each_other_and_listen_on_ports_of_their_own(tmp_path: Path) -> None:
    nodes = start(tmp_path, 3)
    assert [node["node.id"] for node in nodes] == ["1", "2", "3"]
    assert [node["advertised.listeners"].rpartition(":")[2] for node in nodes] == ["9092", "9093", "9094"]
    controllers = [node["listeners"].rpartition(":")[2] for node in nodes]
    assert len({*controllers, "9092", "9093", "9094"}) == 6
    quorum = ",".join(f"{number}@127.0.0.1:{port}" for number, port in enumerate(controllers, 1))
    assert {node["controller.quorum.voters"] for node in nodes} == {quorum}


@pytest.mark.usefixtures("formatted")
@pytest.mark.parametrize(("brokers", "copies", "in_sync"), [(1, "1", "1"), (2, "2", "1"), (3, "3", "2"), (5, "3", "2")])
def test_what_brokers_keep_for_themselves_is_copied_too(
    tmp_path: Path, brokers: int, copies: str, in_sync: str
) -> None:
    for node in start(tmp_path, brokers):
        assert {value for key, value in node.items() if key.endswith("replication.factor")} == {copies}
        assert {value for key, value in node.items() if key.endswith(("min.isr", "min.insync.replicas"))} == {in_sync}


def test_the_first_node_lies_where_a_single_one_does(tmp_path: Path, formatted: list[tuple[Path, str]]) -> None:
    alone, *_ = start(tmp_path / "one", 1)
    first, second, third = start(tmp_path / "three", 3)
    assert alone["log.dirs"] == str(tmp_path / "one" / "topics")
    assert first["log.dirs"] == str(tmp_path / "three" / "topics")
    assert second["log.dirs"] == str(tmp_path / "three" / "broker-2" / "topics")
    assert third["log.dirs"] == str(tmp_path / "three" / "broker-3" / "topics")
    assert len({cluster for _, cluster in formatted[1:]}) == 1, "one id for all"


def test_data_is_formatted_once(tmp_path: Path, formatted: list[tuple[Path, str]]) -> None:
    before = start(tmp_path, 3)
    after = start(tmp_path, 3)
    assert len(formatted) == 3
    assert [node["log.dirs"] for node in after] == [node["log.dirs"] for node in before]


def test_a_first_start_that_was_interrupted_goes_on(
    tmp_path: Path, formatted: list[tuple[Path, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = broker._format

    def interrupted(java: list[str], properties: Path, cluster: str) -> None:
        if len(formatted) == 2:
            raise KeyboardInterrupt
        whole(java, properties, cluster)

    monkeypatch.setattr(broker, "_format", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path, 3)
    monkeypatch.setattr(broker, "_format", whole)
    start(tmp_path, 3)
    assert [told(properties)["node.id"] for properties, _ in formatted] == ["3", "2", "1"]
    assert all(one == another for (_, one), (_, another) in pairwise(formatted))


@pytest.mark.usefixtures("formatted")
@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1), (3, 5), (2, 3)])
def test_data_of_another_number_of_brokers_is_left_alone(tmp_path: Path, before: int, after: int) -> None:
    nodes = start(tmp_path, before)
    with pytest.raises(ParkingError, match=rf"has the data of {before} broker\(s\), not of {after}.*`parking reset`"):
        start(tmp_path, after)
    assert start(tmp_path, before)[0]["log.dirs"] == nodes[0]["log.dirs"]


def test_ids_of_clusters_are_22_characters_of_base64(tmp_path: Path) -> None:
    nodes = kraft.nodes_at([1], tmp_path)
    assert len(kraft.cluster_id(nodes)) == 22
    assert kraft.cluster_id(nodes) != kraft.cluster_id(nodes)
