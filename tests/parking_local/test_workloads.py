"""Workloads as programs of this machine: what is rewritten, and what is kept as a cluster would have it."""

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from parking_local import spark, workloads
from parking_local.lots import machine_site
from parking_operator.objects import Manifest
from parking_operator.render import render
from parking_operator.world import WorldError
from tests.support.worlds import SITE, make_lot

CONFIG = Path("/data/config")


def rendered(kind: str, name: str, *, port: int = 5000, site: Any = None, **spec: Any) -> Manifest:
    here = machine_site(bootstrap_servers="b:1", storage=Path("/data"), gateway_port=port)
    manifests = render(make_lot(**spec), site or here)
    return next(m for m in manifests if (m["kind"], m["metadata"]["name"]) == (kind, name))


def config(name: str) -> Path:
    return CONFIG / name


def test_cameras_get_the_real_python_the_real_path_and_a_port_of_their_own() -> None:
    program = workloads.of_deployment(rendered("Deployment", "central-cameras-1"), config, 4711)
    assert program.name == "cameras-1"
    assert program.argv == (
        *(sys.executable, "-m", "parking_simulators", "cameras"),
        *("--config", "/data/config/central-cameras-1/document.json", "--probe-port", "4711"),
    )
    assert program.probe_url == "http://127.0.0.1:4711/readyz"


def test_a_process_of_the_embedded_engine_keeps_its_name() -> None:
    sessions = {"engine": "Embedded", "processes": 2}
    program = workloads.of_deployment(rendered("Deployment", "central-sessions-2", sessions=sessions), config, 4711)
    assert program.name == "sessions-2"
    assert program.argv == (
        *(sys.executable, "-m", "parking_jobs.sessions"),
        *("--config", "/data/config/central-sessions-2/document.json", "--probe-port", "4711"),
        *("--instance", "central-sessions-2"),
    )


@pytest.mark.parametrize("port", [5000, 8080])
def test_the_gateway_keeps_the_port_that_people_know(port: int) -> None:
    program = workloads.of_deployment(rendered("Deployment", "central-gateway", port=port), config, 4711)
    assert program.argv[-2:] == ("--port", str(port))
    assert program.probe_url == f"http://127.0.0.1:{port}/readyz"


def test_a_program_changes_with_its_document_only() -> None:
    def revision(**spec: Any) -> str:
        return workloads.of_deployment(rendered("Deployment", "central-gateway", **spec), config, 1).revision

    assert revision() == revision(cameras={"count": 3})
    assert revision() != revision(tariff={"blockPrice": 1})


def test_more_replicas_than_one_are_refused() -> None:
    manifest = rendered("Deployment", "central-gateway", site=SITE)
    with pytest.raises(WorldError, match="one machine runs one replica"):
        workloads.of_deployment(manifest, config, 1)


@pytest.fixture
def toolchain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark.jars, "resolve", lambda _jars: [Path("/jars/a.jar"), Path("/jars/b.jar")])
    monkeypatch.setattr(spark, "java_home", lambda *, for_spark: Path("/java") if for_spark else None)


@pytest.mark.usefixtures("toolchain")
def test_the_session_job_is_submitted_in_process() -> None:
    sessions = {"driver": {"memory": "2g"}, "executors": {"instances": 1}}
    manifest = rendered("SparkApplication", "central-sessions", sessions=sessions)
    program = workloads.of_spark_application(manifest, config, 4711)
    assert program.name == "sessions"
    assert program.argv == (
        *(sys.executable, "-m", "parking_jobs.sessions"),
        *("--config", "/data/config/central-sessions/document.json", "--probe-port", "4711"),
    )
    assert program.env["JAVA_HOME"] == "/java"
    assert program.env["PYSPARK_PYTHON"] == sys.executable
    submit = shlex.split(program.env["PYSPARK_SUBMIT_ARGS"])
    assert submit[:4] == ["--master", "local[2]", "--driver-memory", "2g"]
    assert submit[-3:] == ["--jars", "/jars/a.jar,/jars/b.jar", "pyspark-shell"]
    assert "spark.driver.extraJavaOptions=-XX:+UseSerialGC -XX:TieredStopAtLevel=1" in submit


@pytest.mark.usefixtures("toolchain")
def test_another_application_than_ours_is_refused() -> None:
    manifest = rendered("SparkApplication", "central-sessions")
    foreign = {**manifest, "spec": {**manifest["spec"], "mainApplicationFile": "local:///pi.py"}}
    with pytest.raises(WorldError, match=r"local:///pi\.py cannot be run here"):
        workloads.of_spark_application(foreign, config, 1)


@pytest.mark.usefixtures("toolchain")
def test_executors_become_threads_as_far_as_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark.os, "cpu_count", lambda: 8)
    spec = rendered("SparkApplication", "central-sessions", sessions={"executors": {"instances": 3, "cores": 2}})[
        "spec"
    ]
    assert "local[6]" in spark.environment(spec)["PYSPARK_SUBMIT_ARGS"]
    monkeypatch.setattr(spark.os, "cpu_count", lambda: 4)
    assert "local[4]" in spark.environment(spec)["PYSPARK_SUBMIT_ARGS"]


def test_an_upkeep_keeps_its_schedule_here_too() -> None:
    program = workloads.of_scheduled_application(
        rendered("ScheduledSparkApplication", "central-upkeep", road={"upkeep": {"schedule": "5 * * * *"}}),
        config,
        4711,
    )
    assert program.name == "upkeep"
    assert program.argv == (
        *(sys.executable, "-m", "parking_local.schedule", "5 * * * *", sys.executable, "-m", "parking_jobs.lake"),
        *("upkeep", "--config", "/data/config/central-upkeep/document.json"),
    )
    assert program.probe_url is None


@pytest.mark.parametrize(
    ("lake", "sets"),
    [
        ({}, ("spark-kafka", "spark-lake")),
        ({"warehouse": "s3://lake/w"}, ("spark-kafka", "spark-lake", "spark-lake-aws")),
    ],
)
def test_a_lake_runs_on_the_jars_that_its_storage_takes(lake: dict[str, Any], sets: tuple[str, ...]) -> None:
    spec = rendered("SparkApplication", "central-lake", road={"lake": lake})["spec"]
    assert spark.jar_sets(spec) == sets
    assert spark.argv(spec)[1:4] == ["-m", "parking_jobs.lake", "write"]
