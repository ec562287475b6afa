"""Turns a Deployment or a SparkApplication into the program that does the same on this machine."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from parking_local import spark
from parking_local.processes import Program
from parking_operator.objects import Manifest, digest
from parking_operator.render.labels import DOCUMENT_HASH
from parking_operator.render.pods import PROBE_FLAG
from parking_operator.world import WorldError

_EVERYWHERE = {"PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}

ConfigFolder = Callable[[str], Path]
"""Gives the folder with the files of a ConfigMap."""


def program_name(manifest: Mapping[str, Any]) -> str:
    """Name a workload as people speak of it inside its lot: gateway, sessions, cameras-1."""
    metadata = manifest["metadata"]
    name: str = metadata["name"]
    return name.removeprefix(f"{metadata['labels']['app.kubernetes.io/instance']}-")


def of_deployment(manifest: Manifest, config: ConfigFolder, probe_port: int) -> Program:
    """Run a Deployment's container; raises WorldError for what one machine cannot do."""
    pod = manifest["spec"]["template"]
    container = pod["spec"]["containers"][0]
    if manifest["spec"]["replicas"] != 1 or len(pod["spec"]["containers"]) != 1:
        raise WorldError("one machine runs one replica of one container")
    argv = [*container["command"], *container["args"]]
    port = probe_port if PROBE_FLAG in argv else container["ports"][0]["containerPort"]
    return Program(
        name=program_name(manifest),
        argv=_localised(argv, _mounts(pod["spec"], config), probe_port),
        env=_EVERYWHERE,
        probe_url=f"http://127.0.0.1:{port}{container['readinessProbe']['httpGet']['path']}",
        revision=digest(pod),
    )


def of_spark_application(manifest: Manifest, config: ConfigFolder, probe_port: int) -> Program:
    """Run a SparkApplication's driver; raises WorldError for an application that is not ours."""
    spec = manifest["spec"]
    mounts = _mounts(spec["driver"]["template"]["spec"], config)
    return Program(
        name=program_name(manifest),
        argv=_localised(spark.argv(spec), mounts, probe_port),
        env={**_EVERYWHERE, **spark.environment(spec)},
        probe_url=f"http://127.0.0.1:{probe_port}/readyz",
        revision=spec["driver"]["annotations"][DOCUMENT_HASH],
    )


def of_scheduled_application(manifest: Manifest, config: ConfigFolder, probe_port: int) -> Program:
    """Keep a ScheduledSparkApplication's schedule, running its driver when it is time."""
    spec = manifest["spec"]
    program = of_spark_application({**manifest, "spec": spec["template"]}, config, probe_port)
    keeper = (sys.executable, "-m", "parking_local.schedule", spec["schedule"])
    return replace(program, argv=(*keeper, *program.argv), probe_url=None)


def _mounts(pod: Mapping[str, Any], config: ConfigFolder) -> dict[str, Path]:
    """Give for each path at which a pod's first container sees a ConfigMap the folder with its files."""
    maps = {volume["name"]: volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    mounted = pod["containers"][0]["volumeMounts"]
    return {mount["mountPath"]: config(maps[mount["name"]]) for mount in mounted if mount["name"] in maps}


def _localised(argv: Sequence[str], mounts: Mapping[str, Path], probe_port: int) -> tuple[str, ...]:
    """Replace what differs from a container: the Python, the mounted paths, and the port that every pod has anew."""
    local = [sys.executable if argument == "python" else _local_path(argument, mounts) for argument in argv]
    if PROBE_FLAG in local:
        local[local.index(PROBE_FLAG) + 1] = str(probe_port)
    return tuple(local)


def _local_path(argument: str, mounts: Mapping[str, Path]) -> str:
    mount = next((path for path in mounts if argument.startswith(f"{path}/")), None)
    return str(mounts[mount] / argument.removeprefix(f"{mount}/")) if mount else argument
