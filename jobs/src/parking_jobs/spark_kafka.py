"""How Spark's Kafka clients meet the brokers: Java's, which wait longer than ours unless told otherwise."""

from parking.brokers import CONNECT_MS, SILENT_MS


def broker_options(bootstrap_servers: str) -> dict[str, str]:
    """Give the options that sources and sinks of Spark have in common."""
    return {
        "kafka.bootstrap.servers": bootstrap_servers,
        "kafka.request.timeout.ms": str(SILENT_MS),
        "kafka.socket.connection.setup.timeout.ms": str(CONNECT_MS),
        "kafka.socket.connection.setup.timeout.max.ms": str(CONNECT_MS),
    }
