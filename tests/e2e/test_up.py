"""A car park on this machine from its manifest, through its whole life. Real Kafka, real Spark, real processes."""

import time
from pathlib import Path

import psutil
import pytest
import yaml

from tests.support.platform import Platform, lot

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def runs(process: psutil.Process) -> bool:
    """Whether it still runs; one that has ended and nobody has asked for does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_lot_lives_through_edits_crashes_and_restarts(tmp_path: Path) -> None:
    platform = Platform(lot(), tmp_path)
    with platform:
        platform.wait_live()
        before = platform.processes()
        assert set(before) == {"kafka.Kafka", "parking_jobs.sessions", "parking_simulators", "parking_api"}

        edited = lot(cameras={"count": 5, "camerasPerPod": 10})
        platform.manifest.write_text(yaml.safe_dump(edited))
        cameras = before["parking_simulators"]
        platform.until(lambda: platform.processes().get("parking_simulators", cameras) != cameras, 60, "new cameras")
        platform.manifest.write_text("spec: [")
        platform.until(lambda: "the edit is not used" in platform.output.read_text(), 30, "word of the broken edit")
        after = platform.processes()
        assert after["parking_jobs.sessions"] == before["parking_jobs.sessions"], (
            "an edit of the cameras leaves the job"
        )
        assert after["parking_api"] == before["parking_api"]
        platform.manifest.write_text(yaml.safe_dump(edited))

        after["parking_api"].kill()
        platform.until(
            lambda: platform.processes().get("parking_api", after["parking_api"]) != after["parking_api"],
            60,
            "a new gateway",
        )
        platform.wait_live()

        left = list(platform.processes().values())
        platform.kill()
        platform.start()
        platform.until(lambda: "what an earlier run left" in platform.output.read_text(), 60, "the leftovers' end")
        assert not any(runs(process) for process in left)
        platform.wait_live()

        closed = platform.get("/api/statistics")["closed_sessions_total"]
        family = psutil.Process(platform._process.pid).children(recursive=True)
        assert platform.stop() == 0
        gone, alive = psutil.wait_procs(family, timeout=10)
        assert alive == []
        assert len(gone) == len(family)

        begin = time.monotonic()
        platform.start().wait_live()
        print(f"second start, first session after {time.monotonic() - begin:.1f} s")
        assert platform.get("/api/statistics")["closed_sessions_total"] >= closed, "data survives a restart"


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    import socket

    platform = Platform(lot(), tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", platform.port))
        taken.listen()
        platform.start()
        assert platform._process.wait(60) == 2
    assert str(platform.port) in platform.output.read_text()
    assert "Traceback" not in platform.output.read_text()
