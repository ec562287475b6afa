"""What makes brokers a KRaft cluster: the nodes, the properties of each, and the data folders that belong together."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from parking.errors import ParkingError
from parking.topics import in_sync
from parking_local.ports import HOST, free_port

MAX_COPIES = 3

# After a crash the controller, in the same process, waits for the session of the broker that was: hence a short one.
# It is also how long the partitions of a broker that was killed are without a leader. Several brokers end together, and
# do not hand their partitions over first: now and then the last one would wait for controllers that have ended already.
_PROPERTIES = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
controlled.shutdown.enable={hands_over}
log.dirs={topics}
num.partitions={partitions}
default.replication.factor={copies}
min.insync.replicas={in_sync}
auto.create.topics.enable=false
offsets.topic.num.partitions=3
offsets.topic.replication.factor={copies}
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={in_sync}
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=5000
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A broker of a cluster, with a controller in the same process."""

    number: int
    port: int
    controller_port: int
    folder: Path

    @property
    def properties(self) -> Path:
        """Its server.properties."""
        return self.folder / "server.properties"

    @property
    def topics(self) -> Path:
        """Its data."""
        return self.folder / "topics"

    @property
    def meta(self) -> Path:
        """What formatting leaves behind."""
        return self.topics / "meta.properties"


def nodes_at(ports: list[int], data_dir: Path) -> list[Node]:
    """Give the nodes that listen on ``ports``: the first one's data lies in ``data_dir`` itself, as if it were alone.

    Controllers get new ports each time: nobody but the nodes themselves speaks to them.
    """
    taken, nodes = set(ports), []
    for number, port in enumerate(ports, 1):
        while (controller_port := free_port()) in taken:
            pass
        taken.add(controller_port)
        nodes.append(Node(number, port, controller_port, data_dir if number == 1 else data_dir / f"broker-{number}"))
    return nodes


def copies_among(brokers: int) -> int:
    """Say how many copies are kept."""
    return min(MAX_COPIES, brokers)


def properties(node: Node, nodes: list[Node], *, partitions: int) -> str:
    """Give the server.properties of ``node`` among ``nodes``."""
    copies = copies_among(len(nodes))
    return _PROPERTIES.format(
        host=HOST,
        number=node.number,
        voters=",".join(f"{voter.number}@{HOST}:{voter.controller_port}" for voter in nodes),
        port=node.port,
        controller_port=node.controller_port,
        hands_over=str(len(nodes) == 1).lower(),
        topics=node.topics,
        partitions=partitions,
        copies=copies,
        in_sync=in_sync(copies),
    )


def unformatted(nodes: list[Node]) -> list[Node]:
    """Give the nodes to format, in this order; raises ParkingError when the data is that of another number of nodes.

    The first node is the last to be formatted: while it is not, no node has ever run, and a start that was
    interrupted can be repeated. Later an empty node may not join, for two of them would outvote the one with data.
    """
    home = nodes[0].folder
    formatted = {1} if nodes[0].meta.exists() else set()
    formatted |= {int(meta.parts[-3].rpartition("-")[2]) for meta in home.glob("broker-[0-9]/topics/meta.properties")}
    missing = [node for node in reversed(nodes) if node.number not in formatted]
    if formatted - {node.number for node in nodes} or (1 in formatted and missing):
        raise ParkingError(
            f"{home} has the data of {max(formatted)} broker(s), not of {len(nodes)}: the number never changes "
            "(`parking reset` forgets the data)"
        )
    return missing


def cluster_id(nodes: list[Node]) -> str:
    """Give the cluster's id: that of the nodes that are formatted, a new one if none is."""
    for meta in (node.meta for node in nodes if node.meta.exists()):
        for line in meta.read_text().splitlines():
            if line.startswith("cluster.id="):
                return line.partition("=")[2].strip()
    return urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
