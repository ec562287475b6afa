"""What the jobs image starts, as Spark's Kubernetes scheduler asks for it."""

import pytest

from images.jobs.spark_pod import command

DRIVER = {"SPARK_HOME": "/opt/spark", "SPARK_DRIVER_BIND_ADDRESS": "10.1.2.3"}
EXECUTOR = {
    "SPARK_HOME": "/opt/spark",
    "JAVA_HOME": "/opt/java",
    "SPARK_CONF_DIR": "/opt/spark/conf",
    "SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@10.1.2.3:7078",
    "SPARK_EXECUTOR_ID": "1",
    "SPARK_EXECUTOR_CORES": "2",
    "SPARK_EXECUTOR_MEMORY": "512m",
    "SPARK_APPLICATION_ID": "spark-1",
    "SPARK_EXECUTOR_POD_IP": "10.1.2.4",
    "SPARK_EXECUTOR_POD_NAME": "central-exec-1",
    "SPARK_RESOURCE_PROFILE_ID": "0",
}


def test_a_driver_is_submitted_from_within_its_pod() -> None:
    argv = command(["driver", "--class", "Main", "local:///job.py", "--config", "a b"], DRIVER)
    assert argv[0] == "/opt/spark/bin/spark-submit"
    assert argv[1:7] == [
        *("--conf", "spark.driver.bindAddress=10.1.2.3"),
        *("--conf", "spark.executorEnv.SPARK_DRIVER_POD_IP=10.1.2.3"),
        *("--deploy-mode", "client"),
    ]
    assert argv[7:] == ["--class", "Main", "local:///job.py", "--config", "a b"]


def test_an_executor_finds_its_driver() -> None:
    argv = command(["executor"], EXECUTOR)
    assert argv[:5] == ["/opt/java/bin/java", "-Xms512m", "-Xmx512m", "-cp", "/opt/spark/conf:/opt/spark/jars/*"]
    flags = argv[6:]
    assert dict(zip(flags[::2], flags[1::2], strict=True)) == {
        "--driver-url": "spark://CoarseGrainedScheduler@10.1.2.3:7078",
        "--executor-id": "1",
        "--cores": "2",
        "--app-id": "spark-1",
        "--hostname": "10.1.2.4",
        "--resourceProfileId": "0",
        "--podName": "central-exec-1",
    }


def test_java_options_keep_their_order_and_their_spaces() -> None:
    options = {f"SPARK_JAVA_OPT_{number}": f"-Dx={number} y" for number in (10, 2, 0)}
    assert command(["executor"], EXECUTOR | options)[1:4] == ["-Dx=0 y", "-Dx=2 y", "-Dx=10 y"]


def test_an_application_adds_to_the_class_path() -> None:
    argv = command(["executor"], EXECUTOR | {"SPARK_EXTRA_CLASSPATH": "/more/*"})
    assert "/opt/spark/conf:/opt/spark/jars/*:/more/*" in argv


def test_anything_else_is_run_as_it_is() -> None:
    assert command(["python", "-m", "parking_jobs.sessions"], {}) == ["python", "-m", "parking_jobs.sessions"]


def test_a_pod_that_lacks_what_spark_sets_says_what() -> None:
    with pytest.raises(KeyError, match="SPARK_DRIVER_BIND_ADDRESS"):
        command(["driver"], {"SPARK_HOME": "/opt/spark"})
