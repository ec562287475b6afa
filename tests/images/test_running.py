"""The images that a lot's data go through, at work: the broker, and the session job in both engines."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from images.tools import ask
from parking_local.broker import is_ready
from parking_local.ports import HOST, free_port
from tests.support.broker import consume_all, create_topics, kafka_broker, produce
from tests.support.images import Image
from tests.support.session_job import document

pytestmark = [pytest.mark.images, pytest.mark.broker, pytest.mark.spark, pytest.mark.timeout(1_800)]

_USER = 10001
_BROKER = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
controller.listener.names=CONTROLLER
log.dirs=/var/lib/kafka/topics
offsets.topic.replication.factor=1
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=5000
"""


@contextmanager
def running(image: Image, log: Path, *options: str, command: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a container on the machine's own network; all of it is ended afterwards.

    Without tini, which gives its child a group of its own.
    """
    container = ask("buildah", "from", "--pull-never", image.reference)
    run = ["buildah", "run", "--isolation", "chroot", *options, container, "--", *command]
    with log.open("ab") as output:
        process = subprocess.Popen(run, stdout=output, stderr=output, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        ask("buildah", "rm", container)


def _until(done: Callable[[], bool], log: Path, process: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert process is None or process.poll() is None, log.read_text()[-3_000:]
        assert time.monotonic() < deadline, log.read_text()[-3_000:]
        time.sleep(0.2)


def _folder(path: Path) -> Path:
    path.mkdir()
    os.chown(path, _USER, _USER)
    return path


def test_a_broker_keeps_its_data_over_its_end(built: Mapping[str, Image], tmp_path: Path) -> None:
    port, log, data, settings = free_port(), tmp_path / "log", _folder(tmp_path / "data"), tmp_path / "settings"
    settings.mkdir()
    (settings / "server.properties").write_text(_BROKER.format(host=HOST, port=port, controller=free_port()))
    mounts = ("--volume", f"{data}:/var/lib/kafka", "--volume", f"{settings}:/etc/kafka")
    servers = f"{HOST}:{port}"
    start = ("python", "/opt/kafka/broker.py")
    with running(built["broker"], log, *mounts, command=start) as broker:
        _until(lambda: is_ready(servers), log, broker)
        create_topics(servers, ["kept"])
        produce(servers, "kept", [("a", "1")])
    _until(lambda: not is_ready(servers), log)
    with running(built["broker"], log, *mounts, command=start) as broker:
        _until(lambda: is_ready(servers), log, broker)
        assert [record.value() for record in consume_all(servers, "kept", at_least=1)] == [b"1"]


@pytest.mark.parametrize("engine", ["Embedded", "Spark"])
def test_the_session_job_works_in_its_image(engine: str, built: Mapping[str, Image], tmp_path: Path) -> None:
    folder, log = _folder(tmp_path / "job"), tmp_path / "log"
    with kafka_broker(tmp_path) as broker:
        servers = broker.bootstrap_servers
        create_topics(servers, ["raw-data", "processed-data", "quarantine"])
        produce(servers, "raw-data", [("a", "no event")])
        (folder / "document.json").write_text(json.dumps(document(servers, Path("/job"), engine=engine).document()))
        (folder / "spark.properties").write_text("spark.master=local[2]\nspark.driver.memory=1g\n")
        given = ("--config", "/job/document.json", "--probe-port", str(free_port()))
        own = {"SPARK_DRIVER_BIND_ADDRESS": HOST, "SPARK_LOCAL_HOSTNAME": "localhost"}
        options = ["--volume", f"{folder}:/job", *(f"--env={name}={value}" for name, value in own.items())]
        with running(built["jobs"], log, *options, command=(*_start(engine), *given)) as job:
            _until(lambda: len(consume_all(servers, "quarantine")) == 1, log, job)


def _start(engine: str) -> tuple[str, ...]:
    """Give the start of the command: for Spark the one that Spark's own scheduler gives a driver's pod."""
    if engine == "Embedded":
        return ("python", "-m", "parking_jobs.sessions")
    submitted = ("--class", "org.apache.spark.deploy.PythonRunner", "local:///opt/parking/jobs/session_job.py")
    return (
        "python",
        "/opt/parking/jobs/spark_pod.py",
        "driver",
        "--properties-file",
        "/job/spark.properties",
        *submitted,
    )
