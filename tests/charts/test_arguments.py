"""The operator understands what the chart passes to it."""

import pytest

from parking_operator.settings import Settings
from parking_operator.site import Claim, Images
from tests.charts.helm import arguments_after, pick, pods, rendered_case

pytestmark = pytest.mark.cluster


def _settings(case: str) -> Settings:
    deployment = pick(rendered_case(case), "Deployment")
    (pod,) = pods([deployment])
    return Settings.from_argv(arguments_after("run", pod))


def test_the_charts_defaults_are_the_operators() -> None:
    by_chart, alone = _settings("default"), Settings.from_argv([])
    assert by_chart.namespaces == ()
    assert by_chart.site.images == Images(
        jobs="parking/jobs:0.1.0", api="parking/api:0.1.0", simulators="parking/simulators:0.1.0"
    )
    assert by_chart.site.bootstrap_servers == "kafka:9092"
    for name in ("workers", "resync_seconds", "audit_seconds", "probe_port"):
        assert getattr(by_chart, name) == getattr(alone, name)
    for name in (
        *("storage_root", "checkpoint_claim", "max_replication", "spark_driver_role"),
        *("ingress_class", "http_gateway", "image_pull_secrets"),
    ):
        assert getattr(by_chart.site, name) == getattr(alone.site, name)


def test_namespaces() -> None:
    settings = _settings("namespaced")
    assert settings.namespaces == ("team-a", "team-b")
    assert settings.site.spark_driver_role == "Role/parking-spark-driver"


def test_images_by_digest_or_tag() -> None:
    settings = _settings("digests")
    mirror = "registry.example.org:5000/mirror/parking"
    assert settings.site.images == Images(
        jobs=f"{mirror}/jobs@sha256:{'2' * 64}",
        api="other.example.org/team/gateway:1.5",
        simulators=f"{mirror}/simulators:2.0",
        pull_policy="Always",
    )
    assert settings.site.image_pull_secrets == ("pull", "pull-too")


def test_everything() -> None:
    settings = _settings("everything")
    assert (settings.workers, settings.resync_seconds, settings.audit_seconds) == (3, 1200, 90.5)
    site = settings.site
    assert site.bootstrap_servers == "one.example.org:9092,two.example.org:9092,[2001:db8::1]:9092"
    assert (site.storage_root, site.max_replication) == ("s3a://lots/checkpoints", 2)
    assert site.checkpoint_claim == Claim(size="500Mi", storage_class="files", access_mode="ReadWriteOnce")
    assert (site.ingress_class, site.http_gateway) == ("public", "edge/public")
    assert (site.spark_driver_role, site.image_pull_secrets) == ("ClusterRole/lots-spark-driver", ("pull",))
