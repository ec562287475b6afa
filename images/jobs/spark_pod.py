"""Entry point of the image: starts what Spark's Kubernetes scheduler asks for in its pods, or any other program.

The contract is that of Spark 4.0's own image: ``driver ARGUMENTS…`` or ``executor``, everything else in the
environment. The started program takes this one's place and gets its signals.
"""

import os
import sys
from collections.abc import Mapping

_EXECUTOR = "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend"
_JAVA_OPTION = "SPARK_JAVA_OPT_"


def command(arguments: list[str], env: Mapping[str, str]) -> list[str]:
    """Give the argv of what a pod asks for."""
    role, *rest = arguments
    if role == "driver":
        return _driver(rest, env)
    return _executor(env) if role == "executor" else [role, *rest]


def _driver(arguments: list[str], env: Mapping[str, str]) -> list[str]:
    address = env["SPARK_DRIVER_BIND_ADDRESS"]
    settings = (f"spark.driver.bindAddress={address}", f"spark.executorEnv.SPARK_DRIVER_POD_IP={address}")
    confs = [part for setting in settings for part in ("--conf", setting)]
    return [f"{env['SPARK_HOME']}/bin/spark-submit", *confs, "--deploy-mode", "client", *arguments]


def _executor(env: Mapping[str, str]) -> list[str]:
    memory = env["SPARK_EXECUTOR_MEMORY"]
    asked = {
        "--driver-url": "SPARK_DRIVER_URL",
        "--executor-id": "SPARK_EXECUTOR_ID",
        "--cores": "SPARK_EXECUTOR_CORES",
        "--app-id": "SPARK_APPLICATION_ID",
        "--hostname": "SPARK_EXECUTOR_POD_IP",
        "--resourceProfileId": "SPARK_RESOURCE_PROFILE_ID",
        "--podName": "SPARK_EXECUTOR_POD_NAME",
    }
    flags = [part for flag, variable in asked.items() for part in (flag, env[variable])]
    java = [f"{env['JAVA_HOME']}/bin/java", *_java_options(env), f"-Xms{memory}", f"-Xmx{memory}"]
    return [*java, "-cp", _class_path(env), _EXECUTOR, *flags]


def _java_options(env: Mapping[str, str]) -> list[str]:
    """Options come numbered, one a variable."""
    numbers = sorted(int(name.removeprefix(_JAVA_OPTION)) for name in env if name.startswith(_JAVA_OPTION))
    return [env[f"{_JAVA_OPTION}{number}"] for number in numbers]


def _class_path(env: Mapping[str, str]) -> str:
    """Settings first, then Spark, then what an application adds."""
    parts = (env.get("SPARK_CONF_DIR"), f"{env['SPARK_HOME']}/jars/*", env.get("SPARK_EXTRA_CLASSPATH"))
    return ":".join(part for part in parts if part)


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("say what to run: driver ARGUMENTS…, executor, or a program with its arguments")
    argv = command(sys.argv[1:], os.environ)
    os.execvp(argv[0], argv)  # noqa: S606 - the pod's own program, without a shell
