"""Spark settings that only the one who starts the JVM can give. All others the session job sets by itself."""

from parking.fields import Resources

# On one core C2's compiler threads and a concurrent collector compete with the work itself: without them a
# micro-batch needs a third less CPU. A larger, long-running driver is better off with Java's own choice.
_SMALL_JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def spark_conf(driver: Resources) -> dict[str, str]:
    """Give the sparkConf of an application with this driver."""
    return {"spark.driver.extraJavaOptions": _SMALL_JVM} if driver.cores == 1 else {}
