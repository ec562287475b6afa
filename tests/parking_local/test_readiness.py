"""Asking probes."""

from parking.probe import Probe
from parking_local.ports import free_port
from parking_local.readiness import Readiness, ask


def test_a_probe_tells_whether_and_why_not() -> None:
    told: dict[str, object] = {"ready": False, "reason": "Starting", "message": "no batch yet"}
    probe = Probe(0, state=lambda: told, metrics=lambda: b"", host="127.0.0.1")
    url = f"http://127.0.0.1:{probe.port}/readyz"
    try:
        assert ask(url) == Readiness(ready=False, reason="no batch yet")
        del told["message"]
        assert ask(url) == Readiness(ready=False, reason="Starting")
        told["ready"] = True
        assert ask(url) == Readiness(ready=True)
    finally:
        probe.close()


def test_nobody_there_is_not_ready() -> None:
    assert ask(f"http://127.0.0.1:{free_port()}/readyz") == Readiness(ready=False)
