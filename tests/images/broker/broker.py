"""Runs a broker with the settings that are mounted; new storage is prepared first."""

import os
import re
import secrets
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

SETTINGS = Path("/etc/kafka/server.properties")
# Small and quick to start, as on a laptop: see parking_local.broker.
JAVA = [
    *("java", "-Xms64m", "-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-XX:MaxMetaspaceSize=128m", "-XX:ReservedCodeCacheSize=64m"),
    *("-Djava.awt.headless=true", "-Dlog4j2.level=WARN", "-cp", "/opt/kafka/libs/*"),
]


def storage(settings: str) -> Path:
    """Give the folder that these settings keep topics in."""
    told = re.search(r"^log\.dirs=(.+)$", settings, re.MULTILINE)
    return Path(told[1].strip()) if told else sys.exit(f"{SETTINGS} does not say log.dirs")


def main() -> None:
    if not (storage(SETTINGS.read_text()) / "meta.properties").exists():
        cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        prepare = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(SETTINGS)]
        subprocess.run([*JAVA, *prepare], check=True)
    os.execvp(JAVA[0], [*JAVA, "kafka.Kafka", str(SETTINGS)])


if __name__ == "__main__":
    main()
