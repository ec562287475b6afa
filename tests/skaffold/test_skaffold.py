"""What skaffold.yaml makes of the chart and the manifests, as Skaffold and Helm themselves tell it, without a network.

Two things cannot be told here: building images takes Docker, and the profile's charts of Strimzi and of the Spark
operator come from their projects' sites. Of the latter the Spark operator's chart is at hand by another way.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from parking.lot import ParkingLot
from parking.manifest import load_lot
from tests.charts.helm import helm
from tests.charts.releases import RESTRICTED
from tests.support.cluster import crds
from tests.support.cluster.binaries import program, spark_operator_chart
from tests.support.cluster.control_plane import ControlPlane

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
IMAGES = ("operator", "jobs", "api", "simulators")
PROFILES = (None, "strimzi-spark")
DIGEST = f"sha256:{'0123456789abcdef' * 4}"

Manifest = dict[str, Any]
Skaffold = Callable[..., str]


@pytest.fixture
def skaffold(tmp_path: Path) -> Skaffold:
    """Run Skaffold at the root with nothing of the user's, and without a way out; gives what it prints."""
    config = tmp_path / ".skaffold" / "config"
    config.parent.mkdir()
    config.write_text("global: {survey: {disable-prompt: true}, collect-metrics: false, update-check: false}\n")
    folders = [str(program(name).parent) for name in ("skaffold", "helm", "kubectl")]
    nowhere = "http://127.0.0.1:9"
    environment = {
        "PATH": os.pathsep.join([*folders, os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "KUBECONFIG": os.devnull,
        "SKAFFOLD_UPDATE_CHECK": "false",
        "SKAFFOLD_INTERACTIVE": "false",
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
    }

    def run(*arguments: str) -> str:
        command = [str(program("skaffold")), *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def configuration(skaffold: Skaffold, profile: str | None) -> Manifest:
    """Give the configuration that Skaffold works with."""
    told = skaffold("diagnose", "--yaml-only", *(("--profile", profile) if profile else ()))
    (document,) = yaml.safe_load_all(told)
    found: Manifest = document
    return found


def rendered(skaffold: Skaffold, folder: Path, **references: str) -> list[Manifest]:
    """Render the default configuration with these references of images, by the images' short names."""
    builds = [{"imageName": f"parking/{name}", "tag": references.get(name, f"parking/{name}:built")} for name in IMAGES]
    built, output = folder / "built.json", folder / "rendered.yaml"
    built.write_text(json.dumps({"builds": builds}))
    files = ("--build-artifacts", str(built), "--output", str(output))
    skaffold("render", "--offline", "--digest-source=none", *files)
    return [document for document in yaml.safe_load_all(output.read_text()) if document]


def pick(manifests: list[Manifest], kind: str) -> Manifest:
    """Give the one manifest of a kind."""
    (found,) = (manifest for manifest in manifests if manifest["kind"] == kind)
    return found


def documents(paths: list[str]) -> list[Manifest]:
    """Read files of manifests."""
    return [document for path in paths for document in yaml.safe_load_all(Path(path).read_text())]


def releases(config: Manifest) -> dict[str, Manifest]:
    """Give the releases by their names."""
    return {release["name"]: release for release in config["deploy"]["helm"]["releases"]}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_image_is_built_from_its_dockerfile(skaffold: Skaffold, profile: str | None) -> None:
    build = configuration(skaffold, profile)["build"]
    assert [artifact["image"] for artifact in build["artifacts"]] == [f"parking/{name}" for name in IMAGES]
    for artifact in build["artifacts"]:
        dockerfile = ROOT / artifact["docker"]["dockerfile"]
        assert Path(artifact["context"]) == ROOT
        assert dockerfile.parent.name == artifact["image"].removeprefix("parking/")
        # The same as without Skaffold, unless the environment names another.
        (base,) = (line for line in dockerfile.read_text().splitlines() if line.startswith("ARG BASE="))
        assert artifact["docker"]["buildArgs"] == {"BASE": f"{{{{default `{base.removeprefix('ARG BASE=')}` .BASE}}}}"}


def test_what_was_built_reaches_the_operator_and_the_lots(skaffold: Skaffold, tmp_path: Path) -> None:
    pushed = f"registry.example.org:5000/team/parking/api:1.2@{DIGEST}"
    manifests = rendered(skaffold, tmp_path, operator="parking/operator:0f3a", api=pushed)
    (container,) = pick(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "parking/operator:0f3a"
    assert {argument for argument in container["args"] if argument.startswith("--image-")} == {
        "--image-jobs=parking/jobs:built",
        f"--image-api=registry.example.org:5000/team/parking/api@{DIGEST}",
        "--image-simulators=parking/simulators:built",
        "--image-pull-policy=IfNotPresent",
    }


def test_the_chart_is_told_what_one_node_has(skaffold: Skaffold, tmp_path: Path) -> None:
    manifests = rendered(skaffold, tmp_path)
    (container,) = pick(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    broker = pick([m for m in manifests if m["metadata"].get("namespace") != "parking-system"], "Service")
    assert f"--bootstrap-servers={broker['metadata']['name']}.default.svc:9092" in container["args"]
    assert {"--max-replication=1", "--checkpoint-access-mode=ReadWriteOnce"} <= {*container["args"]}


def test_an_api_server_takes_the_broker_and_the_lot(
    skaffold: Skaffold, tmp_path: Path, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace(labels=RESTRICTED)
    ours = [m for m in rendered(skaffold, tmp_path) if m["kind"] in {"StatefulSet", "ParkingLot"}]
    assert len(ours) == 2
    for manifest in ours:
        control_plane.api.apply(manifest | {"metadata": manifest["metadata"] | {"namespace": namespace}}, dry_run=True)
    template = pick(ours, "StatefulSet")["spec"]["template"]
    claimed = {"name": "data", "emptyDir": {}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": template["metadata"] | {"name": "kafka", "namespace": namespace},
        "spec": template["spec"] | {"volumes": [claimed]},
    }
    control_plane.api.apply(pod, dry_run=True)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_gateway_of_the_lot_is_forwarded(skaffold: Skaffold, profile: str | None) -> None:
    config = configuration(skaffold, profile)
    lot = one_lot(config)
    (forwarded,) = config["portForward"]
    assert (forwarded["resourceType"], forwarded["port"], forwarded["localPort"]) == ("Service", 5000, 5000)
    assert (forwarded["namespace"], forwarded["resourceName"]) == ("default", f"{lot.name}-gateway")


def one_lot(config: Manifest) -> ParkingLot:
    """Give the lot that a configuration applies, checked."""
    return load_lot(pick(documents(config["manifests"]["rawYaml"]), "ParkingLot"))


def test_the_default_lot_needs_no_operator_but_ours(skaffold: Skaffold) -> None:
    config = configuration(skaffold, None)
    assert [*releases(config)] == ["parking"]
    assert one_lot(config).spec.sessions.engine == "Embedded"
    assert one_lot(config).spec.kafka.cluster is None


def test_the_profile_brings_kafka_and_spark_before_the_lot(skaffold: Skaffold) -> None:
    config = configuration(skaffold, "strimzi-spark")
    found = releases(config)
    assert [*found] == ["strimzi", "spark-operator", "parking"]
    assert all(release["wait"] for release in found.values())
    kafka, lot = pick(documents(config["manifests"]["rawYaml"]), "Kafka"), one_lot(config)
    assert lot.spec.sessions.engine == "Spark"
    assert lot.spec.kafka.cluster is not None
    assert lot.spec.kafka.cluster.name == kafka["metadata"]["name"]
    assert lot.spec.kafka.cluster.namespace == found["strimzi"]["namespace"] == "default"
    assert found["parking"]["setValues"] == {"bootstrapServers": "kafka-kafka-bootstrap.default.svc:9092"}


def test_the_spark_operator_of_the_profile_watches_the_lots(skaffold: Skaffold) -> None:
    release = releases(configuration(skaffold, "strimzi-spark"))["spark-operator"]
    assert f"v{release['version']}" == crds.SPARK_OPERATOR[1]
    given = [argument for key, value in release["setValues"].items() for argument in ("--set", f"{key}={value}")]
    told = helm("template", "spark-operator", spark_operator_chart(), "--namespace", release["namespace"], *given)
    deployments = [document for document in yaml.safe_load_all(told) if document and document["kind"] == "Deployment"]
    for deployment in deployments:
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert "--namespaces=default" in container["args"], deployment["metadata"]["name"]
    assert len(deployments) == 2
