"""One Kafka broker on this machine: a real one, KRaft, reachable from this machine only.

``command`` gives what to run, for any supervisor; ``Broker`` runs it by itself, for tests and benchmarks.
"""

import os
import secrets
import signal
import subprocess
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from parking.errors import ParkingError
from parking_local.ports import HOST, check_free, free_port
from parking_local.toolchain import jars
from parking_local.toolchain.java import java_home

# Small and quick to start: about 200 MB of memory in all. Without the C2 compiler it starts in two thirds of the time
# and, at the loads of one machine, takes half the CPU.
_JVM = [
    *("-Xms64m", "-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-XX:MaxMetaspaceSize=128m", "-XX:ReservedCodeCacheSize=64m"),
    *("-Djava.awt.headless=true", "-Dlog4j2.level=WARN"),
]

# After a crash the controller, in the same process, waits for the session of the broker that was: hence a short one.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={topics}
num.partitions={partitions}
auto.create.topics.enable=false
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=5000
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where a broker listens and keeps its data; ``partitions`` is the default of new topics."""

    port: int
    data_dir: Path
    partitions: int = 1

    @property
    def bootstrap_servers(self) -> str:
        """What clients connect to."""
        return f"{HOST}:{self.port}"


def command(settings: BrokerSettings) -> list[str]:
    """Give the argv of a broker, after downloading its jars and formatting its data folder if they are new.

    The controller's port is chosen anew each time: nobody but the broker itself speaks to it.
    """
    class_path = os.pathsep.join(map(str, jars.resolve(jars.pinned("kafka-broker"))))
    java = [str(java_home() / "bin" / "java"), *_JVM, "-cp", class_path]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    properties = settings.data_dir / "server.properties"
    topics = settings.data_dir / "topics"
    properties.write_text(
        _PROPERTIES.format(
            host=HOST,
            port=settings.port,
            controller_port=free_port(),
            topics=topics,
            partitions=settings.partitions,
        )
    )
    if not (topics / "meta.properties").exists():
        _format(java, properties)
    return [*java, "kafka.Kafka", str(properties)]


def _format(java: list[str], properties: Path) -> None:
    cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    tool = [*java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(properties)]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ParkingError(
            f"the broker's data folder {properties.parent} cannot be prepared: {(done.stdout + done.stderr)[-300:]}"
        )


def count_brokers(bootstrap_servers: str) -> int:
    """Ask for the number of brokers; 0 when none answers."""
    try:
        client = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
        return len(client.list_topics(timeout=2).brokers)
    except KafkaException:
        return 0


def is_ready(bootstrap_servers: str) -> bool:
    """Whether a broker answers a metadata request."""
    return count_brokers(bootstrap_servers) > 0


class Broker:
    """A broker as a child process."""

    def __init__(self, settings: BrokerSettings, *, log_file: Path | None = None) -> None:
        self.settings = settings
        self.bootstrap_servers = settings.bootstrap_servers
        self.log_file = log_file or settings.data_dir / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 60) -> None:
        """Start and wait until it answers; raises ParkingError with the end of its log otherwise."""
        check_free(self.settings.port)
        argv = command(self.settings)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + timeout
        while not is_ready(self.bootstrap_servers):
            ended = self._process.poll()
            if ended is not None or time.monotonic() > deadline:
                self.kill()
                what = f"was not ready within {timeout:.0f} s" if ended is None else f"ended with code {ended}"
                raise ParkingError(f"the broker {what}: {self.log_file.read_text(errors='replace')[-1_000:]}")
            time.sleep(0.1)

    def stop(self, timeout: float = 20) -> None:
        """End it in order, or by force after ``timeout`` seconds."""
        self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._end(signal.SIGKILL, 10)

    def _end(self, how: signal.Signals, timeout: float) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
