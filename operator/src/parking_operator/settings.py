"""What the operator was started with."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from parking.fields import URI_PATTERN
from parking_operator.site import Claim, Images, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of ``run``."""

    site: Site
    namespaces: tuple[str, ...]
    """Namespaces to look after; none means all."""
    topic_namespaces: tuple[str, ...]
    """Further namespaces in which lots have KafkaTopics, and nothing else."""
    workers: int
    resync_seconds: float
    audit_seconds: float
    patience: timedelta
    """How long the end of a lot waits for a child that does not end."""
    probe_port: int

    @classmethod
    def from_options(cls, options: argparse.Namespace) -> "Settings":
        """Read parsed options."""
        images = Images(
            jobs=options.image_jobs,
            api=options.image_api,
            simulators=options.image_simulators,
            pull_policy=options.image_pull_policy,
        )
        site = Site(
            bootstrap_servers=options.bootstrap_servers,
            images=images,
            storage_root=options.storage_root,
            checkpoint_claim=Claim(
                size=options.checkpoint_claim_size,
                storage_class=options.checkpoint_storage_class,
                access_mode=options.checkpoint_access_mode,
            ),
            max_replication=options.max_replication,
            spark_driver_role=options.spark_driver_role,
            ingress_class=options.ingress_class,
            http_gateway=options.http_gateway,
            image_pull_secrets=tuple(options.image_pull_secret),
        )
        return cls(
            site=site,
            namespaces=tuple(options.namespace),
            topic_namespaces=tuple(name for name in options.topic_namespace if name not in options.namespace),
            workers=options.workers,
            resync_seconds=options.resync_seconds,
            audit_seconds=options.audit_seconds,
            patience=timedelta(seconds=options.patience_seconds),
            probe_port=options.probe_port,
        )

    @classmethod
    def from_argv(cls, argv: Sequence[str]) -> "Settings":
        """Read the arguments of ``run``; ends the process with a message for wrong ones."""
        parser = argparse.ArgumentParser("parking_operator run")
        add_run_options(parser)
        return cls.from_options(parser.parse_args(argv))


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``run``."""
    add = parser.add_argument
    add_namespaces(parser)
    add(
        "--topic-namespace",
        action="append",
        default=[],
        metavar="NS",
        help="with --namespace: where Strimzi's Kafka is, if elsewhere; may be given several times",
    )
    add("--bootstrap-servers", default="kafka:9092", help="brokers of lots that name none (kafka:9092)")
    add_checkpoints(parser)
    add("--image-jobs", default="parking/jobs:latest", help="image of the session job")
    add("--image-api", default="parking/api:latest", help="image of the gateway")
    add("--image-simulators", default="parking/simulators:latest", help="image of the cameras")
    add("--image-pull-policy", default="IfNotPresent", choices=("Always", "IfNotPresent", "Never"))
    add("--image-pull-secret", action="append", default=[], metavar="NAME", help="may be given several times")
    add("--max-replication", type=_positive, default=3, help="copies of a partition at most: the number of brokers")
    add(
        "--spark-driver-role",
        type=_role,
        default="ClusterRole/parking-spark-driver",
        help="role with the rights of a Spark driver: ClusterRole/NAME or Role/NAME",
    )
    add("--ingress-class", default=None, help="class of the Ingresses made for lots with a host")
    add("--http-gateway", type=_pair, default=None, metavar="NAMESPACE/NAME", help="make HTTPRoutes at this Gateway")
    add("--workers", type=_positive, default=8, help="lots worked on at the same time")
    add("--resync-seconds", type=_seconds, default=600.0, help="pause after which a settled lot is looked at anyway")
    add("--audit-seconds", type=_seconds, default=120.0, help="pause between comparisons with the API server")
    add(
        "--patience-seconds",
        type=_seconds,
        default=60.0,
        help="how long a child that does not end holds up the end of its lot's others; twice that, and the lot goes",
    )
    add("--probe-port", type=int, default=8080, help="port of /healthz, /readyz and /metrics")


def add_checkpoints(parser: argparse.ArgumentParser) -> None:
    """Declare the options that say where lots with Spark keep checkpoints."""
    add = parser.add_argument
    add(
        "--storage-root",
        type=_uri,
        default=None,
        metavar="URI",
        help="folder for all lots, such as s3a://bucket/folder; without, each is given a PersistentVolumeClaim",
    )
    add("--checkpoint-claim-size", type=_size, default="1Gi", metavar="SIZE", help="size of such a claim (1Gi)")
    add("--checkpoint-storage-class", default=None, metavar="NAME", help="its class; without, the cluster's default")
    add(
        "--checkpoint-access-mode",
        default="ReadWriteMany",
        choices=("ReadWriteMany", "ReadWriteOnce"),
        help="ReadWriteOnce is enough where driver and executors are on one node (ReadWriteMany)",
    )


def add_namespaces(parser: argparse.ArgumentParser) -> None:
    """Declare the option that says which namespaces count."""
    parser.add_argument(
        "--namespace", action="append", default=[], metavar="NS", help="look after this one; may be given several times"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not allowed; 1 or more")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= 86_400:
        raise argparse.ArgumentTypeError(f"{text} is not allowed; more than 0, up to 86400 seconds")
    return number


def _uri(text: str) -> str:
    if not re.fullmatch(URI_PATTERN, text):
        raise argparse.ArgumentTypeError(
            f"{text} is not allowed; a URI that all pods reach, such as s3a://bucket/folder"
        )
    return text


def _size(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*(Mi|Gi|Ti)", text):
        raise argparse.ArgumentTypeError(f"{text} is not allowed; a number with Mi, Gi or Ti")
    return text


def _pair(text: str) -> str:
    if not all(text.partition("/")):
        raise argparse.ArgumentTypeError(f"{text} is not allowed; NAMESPACE/NAME")
    return text


def _role(text: str) -> str:
    if text.partition("/")[0] not in {"Role", "ClusterRole"} or not all(text.partition("/")):
        raise argparse.ArgumentTypeError(f"{text} is not allowed; ClusterRole/NAME or Role/NAME")
    return text
