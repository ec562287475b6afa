"""Runs a SparkApplication as one process on this machine: driver and executors in a single JVM."""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parking_local.toolchain import jars
from parking_local.toolchain.java import java_home
from parking_operator.render.labels import OBJECT_STORAGE
from parking_operator.render.lake import LAKE_FILE
from parking_operator.render.spark_application import MAIN_FILE
from parking_operator.world import WorldError


@dataclass(frozen=True, slots=True)
class _Application:
    """What a file in the jobs image does when run, as a module of the environment we run in, with its sets of jars."""

    module: str
    jars: tuple[str, ...]


_APPLICATIONS = {
    MAIN_FILE: _Application("parking_jobs.sessions", ("spark-kafka",)),
    LAKE_FILE: _Application("parking_jobs.lake", ("spark-kafka", "spark-lake")),
}
_OBJECT_STORAGE_JARS = ("spark-lake-aws",)


def argv(spec: Mapping[str, Any]) -> list[str]:
    """Give the command line of an application, with the paths and ports of its container."""
    return [sys.executable, "-m", _application(spec).module, *spec["arguments"]]


def environment(spec: Mapping[str, Any]) -> dict[str, str]:
    """Give what spark-submit would set."""
    submit = ["--master", f"local[{_cores(spec)}]", "--driver-memory", spec["driver"]["memory"]]
    for name, value in spec["sparkConf"].items():
        submit += ["--conf", f"{name}={value}"]
    paths = [str(path) for name in jar_sets(spec) for path in jars.resolve(jars.pinned(name))]
    submit += ["--jars", ",".join(paths), "pyspark-shell"]
    return {
        "JAVA_HOME": str(java_home(for_spark=True)),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": shlex.join(submit),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def jar_sets(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the sets of jars that an application runs on."""
    stored_as_objects = OBJECT_STORAGE in spec["driver"].get("annotations", {})
    return (*_application(spec).jars, *(_OBJECT_STORAGE_JARS if stored_as_objects else ()))


def _application(spec: Mapping[str, Any]) -> _Application:
    found = _APPLICATIONS.get(spec["mainApplicationFile"])
    if found is None:
        raise WorldError(f"{spec['mainApplicationFile']} cannot be run here; known: {', '.join(_APPLICATIONS)}")
    return found


def _cores(spec: Mapping[str, Any]) -> int:
    """Threads for all executors together; two at least, so that a slow shard does not hold up every other one."""
    wished: int = spec["executor"]["instances"] * spec["executor"]["cores"]
    return min(max(2, wished), os.cpu_count() or 2)
