"""How programs of ours meet the brokers: what their client, librdkafka, is told whatever it reads or writes.

The embedded engine is left out: it notices a hung commit by itself. With these times a commit came to be delivered
twice in tests, before it was known that a broker may forget the end of a transaction (docs/adr/0005).
"""

SILENT_MS = 10_000
"""A broker that answers no request for so long is taken for gone, and connected to anew.

A pod or node that dies leaves connections that end in nothing: no refusal, no answer. By default a client waits for a
minute then, and a producer for as long as it may take at all: what it had sent would be lost without a second try.
"""
CONNECT_MS = 5_000
"""How long a connection may take to be made, TLS included. One that was begun to the address of a dead pod never is."""


def client_settings(bootstrap_servers: str) -> dict[str, str | int | float | bool]:
    """Give the settings that clients have in common; ``bootstrap_servers`` are host:port,…."""
    return {
        "bootstrap.servers": bootstrap_servers,
        "socket.timeout.ms": SILENT_MS,
        "socket.connection.setup.timeout.ms": CONNECT_MS,
        "reconnect.backoff.max.ms": 1_000,
    }
