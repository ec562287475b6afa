"""What the operator is told, and what it refuses to be told."""

from datetime import timedelta

import pytest

from parking_operator.settings import Settings
from parking_operator.site import Claim


def test_every_option_reaches_its_place() -> None:
    settings = Settings.from_argv(
        [
            *("--namespace", "a", "--namespace", "b", "--topic-namespace", "kafka", "--topic-namespace", "a"),
            *("--bootstrap-servers", "k:9092", "--storage-root", "s3a://x", "--max-replication", "2"),
            *("--checkpoint-claim-size", "5Gi", "--checkpoint-storage-class", "nfs"),
            *("--checkpoint-access-mode", "ReadWriteOnce"),
            *("--image-jobs", "j:1", "--image-api", "a:1", "--image-simulators", "s:1", "--image-pull-policy", "Never"),
            *("--image-pull-secret", "one", "--image-pull-secret", "two", "--spark-driver-role", "Role/driver"),
            *("--ingress-class", "nginx", "--http-gateway", "infra/edge", "--workers", "3", "--resync-seconds", "60"),
            *("--audit-seconds", "30", "--patience-seconds", "10", "--probe-port", "9000"),
        ]
    )
    site = settings.site
    assert (settings.namespaces, settings.topic_namespaces) == (("a", "b"), ("kafka",)), "a is watched already"
    assert (site.bootstrap_servers, site.storage_root, site.max_replication) == ("k:9092", "s3a://x", 2)
    assert site.checkpoint_claim == Claim(size="5Gi", storage_class="nfs", access_mode="ReadWriteOnce")
    assert (site.images.jobs, site.images.api, site.images.simulators) == ("j:1", "a:1", "s:1")
    assert (site.images.pull_policy, site.image_pull_secrets) == ("Never", ("one", "two"))
    assert (site.spark_driver_role, site.ingress_class, site.http_gateway) == ("Role/driver", "nginx", "infra/edge")
    assert (settings.workers, settings.resync_seconds, settings.audit_seconds) == (3, 60.0, 30.0)
    assert (settings.patience, settings.probe_port) == (timedelta(seconds=10), 9000)


def test_without_a_storage_root_lots_are_given_claims() -> None:
    site = Settings.from_argv([]).site
    assert (site.storage_root, site.checkpoint_claim) == (None, Claim())


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--workers", "0", "1 or more"),
        ("--resync-seconds", "0", "more than 0, up to 86400 seconds"),
        ("--spark-driver-role", "driver", "ClusterRole/NAME or Role/NAME"),
        ("--spark-driver-role", "ClusterRole/", "ClusterRole/NAME or Role/NAME"),
        ("--http-gateway", "edge", "NAMESPACE/NAME"),
        ("--image-pull-policy", "Sometimes", "IfNotPresent"),
        ("--storage-root", "/var/lib/parking", "a URI that all pods reach"),
        ("--checkpoint-claim-size", "1", "a number with Mi, Gi or Ti"),
        ("--checkpoint-access-mode", "ReadOnlyMany", "ReadWriteMany"),
    ],
)
def test_wrong_values_are_refused_with_what_is_allowed(
    option: str, value: str, allowed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        Settings.from_argv([option, value])
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert option in told
    assert value in told
    assert allowed in told
