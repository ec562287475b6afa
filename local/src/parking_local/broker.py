"""Kafka brokers on this machine, one or a few: real ones, KRaft, reachable from this machine only.

``cluster_commands`` gives what to run, for any supervisor; ``Broker`` runs one by itself, for tests and benchmarks.
"""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from parking.errors import ParkingError
from parking_local import kraft
from parking_local.ports import HOST, check_free
from parking_local.toolchain import jars
from parking_local.toolchain.java import java_home

# Small and quick to start: about 200 MB of memory in all. Without the C2 compiler it starts in two thirds of the time
# and, at the loads of one machine, takes half the CPU.
_JVM = [
    *("-Xms64m", "-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-XX:MaxMetaspaceSize=128m", "-XX:ReservedCodeCacheSize=64m"),
    *("-Djava.awt.headless=true", "-Dlog4j2.level=WARN"),
]


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where brokers listen and keep their data; ``partitions`` is the default of new topics.

    Several ``brokers`` listen on ``port`` and the ports that follow.
    """

    port: int
    data_dir: Path
    partitions: int = 1
    brokers: int = 1

    @property
    def ports(self) -> list[int]:
        """Port of each broker."""
        return [self.port + number for number in range(self.brokers)]

    @property
    def bootstrap_servers(self) -> str:
        """What clients connect to."""
        return ",".join(f"{HOST}:{port}" for port in self.ports)


def cluster_commands(settings: BrokerSettings) -> list[list[str]]:
    """Give the argv of each broker, after downloading the jars and formatting the data folders if they are new.

    They belong together: the brokers know each other by ports that were chosen for them here.
    """
    class_path = os.pathsep.join(map(str, jars.resolve(jars.pinned("kafka-broker"))))
    java = [str(java_home() / "bin" / "java"), *_JVM, "-cp", class_path]
    nodes = kraft.nodes_at(settings.ports, settings.data_dir)
    new = kraft.unformatted(nodes)
    for node in nodes:
        node.folder.mkdir(parents=True, exist_ok=True)
        node.properties.write_text(kraft.properties(node, nodes, partitions=settings.partitions))
    if new:
        cluster = kraft.cluster_id(nodes)
        for node in new:
            _format(java, node.properties, cluster)
    return [[*java, "kafka.Kafka", str(node.properties)] for node in nodes]


def command(settings: BrokerSettings) -> list[str]:
    """Give the argv of a broker that is alone; see ``cluster_commands``."""
    (argv,) = cluster_commands(settings)
    return argv


def _format(java: list[str], properties: Path, cluster: str) -> None:
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


def are_ready(settings: BrokerSettings) -> bool:
    """Whether each broker answers and sees all of them; what one says of another may be from before a crash."""
    return all(count_brokers(f"{HOST}:{port}") == settings.brokers for port in settings.ports)


class Broker:
    """A broker as a child process: one that is alone or, with an ``argv`` of ``cluster_commands``, that of a number."""

    def __init__(
        self,
        settings: BrokerSettings,
        *,
        log_file: Path | None = None,
        number: int = 1,
        argv: list[str] | None = None,
    ) -> None:
        self.settings = settings
        self.number = number
        self.bootstrap_servers = settings.bootstrap_servers
        self.log_file = log_file or settings.data_dir / "broker.log"
        self._port = settings.ports[number - 1]
        self._argv = argv
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 60) -> None:
        """Start and wait until it answers; raises ParkingError with the end of its log otherwise."""
        self.launch()
        self.wait_until_ready(timeout)

    def launch(self) -> None:
        """Start without waiting: of several, none answers before most have been started."""
        check_free(self._port)
        argv = self._argv or command(self.settings)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)

    def wait_until_ready(self, timeout: float = 60) -> None:
        """Wait until it answers; raises ParkingError with the end of its log, and ends it, when it does not."""
        assert self._process
        deadline = time.monotonic() + timeout
        while not is_ready(f"{HOST}:{self._port}"):
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
