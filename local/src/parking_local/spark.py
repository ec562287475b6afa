"""Runs a SparkApplication as one process on this machine: driver and executors in a single JVM."""

import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from parking_local.toolchain import jars
from parking_local.toolchain.java import java_home
from parking_operator.render.spark_application import MAIN_FILE
from parking_operator.world import WorldError

_MODULES = {MAIN_FILE: "parking_jobs.sessions"}
"""What the files in the jobs image do when run, as modules of the environment we run in."""


def argv(spec: Mapping[str, Any]) -> list[str]:
    """Give the command line of an application, with the paths and ports of its container."""
    module = _MODULES.get(spec["mainApplicationFile"])
    if module is None:
        raise WorldError(f"{spec['mainApplicationFile']} cannot be run here; known: {', '.join(_MODULES)}")
    return [sys.executable, "-m", module, *spec["arguments"]]


def environment(spec: Mapping[str, Any]) -> dict[str, str]:
    """Give what spark-submit would set."""
    submit = ["--master", f"local[{_cores(spec)}]", "--driver-memory", spec["driver"]["memory"]]
    for name, value in spec["sparkConf"].items():
        submit += ["--conf", f"{name}={value}"]
    submit += ["--jars", ",".join(map(str, jars.resolve(jars.pinned("spark-kafka")))), "pyspark-shell"]
    return {
        "JAVA_HOME": str(java_home(for_spark=True)),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": shlex.join(submit),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def _cores(spec: Mapping[str, Any]) -> int:
    """Threads for all executors together; two at least, so that a slow shard does not hold up every other one."""
    wished: int = spec["executor"]["instances"] * spec["executor"]["cores"]
    return min(max(2, wished), os.cpu_count() or 2)
