"""What stands in the way of a start is told, all of it, a line each."""

import socket
from pathlib import Path

import pytest

from parking.errors import ParkingError
from parking.lot import API_VERSION, KIND, Engine, ParkingLot
from parking.manifest import load_lot
from parking_local import checks
from parking_local.ports import HOST, free_port


def lot(**spec: object) -> ParkingLot:
    told = {"layout": {"rows": {"A": 2}}, **spec}
    return load_lot({"apiVersion": API_VERSION, "kind": KIND, "metadata": {"name": "a"}, "spec": told})


def on(engine: Engine) -> ParkingLot:
    return lot(sessions={"engine": engine})


@pytest.mark.parametrize("engine", ["Spark", "Embedded"])
def test_nothing_in_the_way(engine: Engine, tmp_path: Path) -> None:
    assert checks.problems(ports=[free_port()], folders=[tmp_path / "new"], kafka=None, lot=on(engine)) == []


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Java, Spark and Kafka."""

    def no_java(*, for_spark: bool = False) -> Path:
        raise ParkingError(f"no Java for {'Spark' if for_spark else 'Kafka'}")

    monkeypatch.setattr(checks, "java_home", no_java)
    monkeypatch.setattr(checks.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(checks.broker, "count_brokers", lambda _servers: 0)


@pytest.mark.usefixtures("bare")
def test_everything_in_the_way_is_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = checks.problems(ports=[port], folders=[tmp_path], kafka="far:9092", lot=on("Spark"))
    assert [line.split(":")[0].split(" by ")[0] for line in told] == [
        f"port {port} is taken",
        "--kafka",
        "no Java for Spark",
        "pyspark is not installed, which the engine Spark needs",
    ]


@pytest.mark.usefixtures("bare")
def test_without_spark_nothing_of_spark_is_asked_for() -> None:
    assert checks.problems(ports=[], folders=[], kafka=None, lot=on("Embedded")) == ["no Java for Kafka"]
    assert checks.lot_problems(on("Embedded")) == []
    assert len(checks.lot_problems(on("Spark"))) == 2


@pytest.mark.usefixtures("bare")
def test_a_road_takes_spark_whatever_the_engine_and_libraries_of_its_own() -> None:
    java, spark, road = checks.lot_problems(lot(sessions={"engine": "Embedded"}, road={}))
    assert java == "no Java for Spark"
    assert spark.startswith("pyspark is not installed")
    assert road.startswith("croniter, obstore, PIL not installed, which spec.road needs")


def test_too_little_disk_is_told_with_figures(tmp_path: Path) -> None:
    with pytest.raises(ParkingError, match=r"too little disk for .*: \d+\.\d GiB free, 1048576\.0 needed"):
        checks.check_space(tmp_path / "not" / "there" / "yet", needed=2**50)
