"""Options of ``parking up``."""

from pathlib import Path

import pytest

from parking.errors import InvalidInputError
from parking_local.options import Options

LOT = Path("lot.yaml")


@pytest.mark.parametrize("servers", ["localhost:9092", "a:1,b:2", "10.0.0.1:9092"])
def test_brokers_can_be_named(servers: str) -> None:
    options = Options(manifest=LOT, kafka=servers, port=1)
    assert options.servers == servers
    assert options.ports == [1], "no own broker, no port for it"


@pytest.mark.parametrize("servers", ["", "localhost", "a:1,", ":9092", "a:b", "a: 1"])
def test_what_names_no_broker_is_refused(servers: str) -> None:
    with pytest.raises(InvalidInputError, match=r"--kafka: .* is not allowed; should be host:port"):
        Options(manifest=LOT, kafka=servers)


def test_an_own_broker_by_default() -> None:
    options = Options(manifest=LOT)
    assert (options.servers, options.ports) == ("127.0.0.1:9092", [5000, 9092])


def test_each_own_broker_has_a_port() -> None:
    options = Options(manifest=LOT, brokers=3)
    assert options.servers == "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094"
    assert options.ports == [5000, 9092, 9093, 9094]
    assert Options(manifest=LOT, brokers=3, kafka="a:1").ports == [5000]


@pytest.mark.parametrize(
    ("port", "kafka_port", "told"),
    [
        (5000, 65_534, "--kafka-port: 65534 is not allowed; should be the first of 3 ports: 1 to 65533"),
        (9094, 9092, "--port: 9094 is not allowed; should be none that brokers take: 9092, 9093, 9094"),
    ],
)
def test_ports_that_brokers_cannot_have_are_refused(port: int, kafka_port: int, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        Options(manifest=LOT, port=port, kafka_port=kafka_port, brokers=3)


def test_the_command_line_can_be_given_again_from_anywhere() -> None:
    argv = Options(manifest=LOT, kafka="a:1", data=Path("d")).argv()
    assert argv[0] == str(LOT.absolute())
    assert argv[-4:] == ["--kafka", "a:1", "--data", str(Path("d").absolute())]
    assert Options(manifest=LOT, engine="Embedded").argv()[-2:] == ["--engine", "Embedded"]
