import json
import socket
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from parking.probe import Probe


class Program:
    ready = False

    def state(self) -> dict[str, object]:
        return {"ready": self.ready, "reason": "starting"}


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def probe(program: Program) -> Iterator[Probe]:
    probe = Probe(0, state=program.state, metrics=lambda: b"events_total 1\n", host="127.0.0.1")
    yield probe
    probe.close()


def get(probe: Probe, path: str) -> tuple[int, bytes]:
    try:
        with urlopen(f"http://127.0.0.1:{probe.port}{path}") as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_program_answers_for_itself(probe: Probe, program: Program) -> None:
    assert get(probe, "/healthz") == (200, b'{"status": "ok"}')
    assert get(probe, "/metrics") == (200, b"events_total 1\n")
    assert get(probe, "/other")[0] == 404
    status, body = get(probe, "/readyz")
    assert (status, json.loads(body)) == (503, {"ready": False, "reason": "starting"})
    program.ready = True
    assert get(probe, "/readyz")[0] == 200


def test_a_taken_port_is_an_error(probe: Probe, program: Program) -> None:
    with pytest.raises(OSError, match="in use"):
        Probe(probe.port, state=program.state, metrics=bytes, host="127.0.0.1")


def test_closing_frees_the_port(program: Program) -> None:
    probe = Probe(0, state=program.state, metrics=bytes, host="127.0.0.1")
    probe.close()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", probe.port), timeout=1):
        pass


def test_a_program_that_is_not_worth_keeping_says_so(program: Program) -> None:
    alive = True
    probe = Probe(0, state=program.state, metrics=lambda: b"", alive=lambda: alive, host="127.0.0.1")
    try:
        assert get(probe, "/healthz")[0] == 200
        alive = False
        assert get(probe, "/healthz") == (503, b'{"status": "dead"}')
    finally:
        probe.close()
