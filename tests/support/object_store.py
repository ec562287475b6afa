"""A real S3 server over a folder of this machine."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from parking_local.ports import HOST, free_port
from tests.support.cluster.binaries import program

REGION = "eu-west-1"
_KEYS = {"AWS_ACCESS_KEY_ID": "lake-test", "AWS_SECRET_ACCESS_KEY": "a secret of tests"}


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A running server and its one bucket, which is a folder."""

    host: str
    port: int
    bucket: str
    folder: Path

    @property
    def endpoint(self) -> str:
        return f"http://{self.host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What a program has to have in its environment to be let in."""
        return {**_KEYS, "AWS_REGION": REGION}

    def duckdb_secret(self) -> str:
        """SQL with which DuckDB is let in."""
        key, secret = _KEYS.values()
        return (
            f"CREATE SECRET (TYPE s3, KEY_ID '{key}', SECRET '{secret}', REGION '{REGION}',"
            f" ENDPOINT '{self.host}:{self.port}', URL_STYLE 'path', USE_SSL false)"
        )


@contextmanager
def object_store(folder: Path, bucket: str = "lake", host: str = HOST) -> Iterator[ObjectStore]:
    """Yield a server that answers; ended also when the test fails."""
    store = ObjectStore(host, free_port(), bucket, folder / "objects" / bucket)
    store.folder.mkdir(parents=True)
    key, secret = _KEYS.values()
    argv = [str(program("versitygw")), "--port", f"{host}:{store.port}", "--region", REGION]
    env = {**os.environ, "ROOT_ACCESS_KEY": key, "ROOT_SECRET_KEY": secret}
    log = folder / "objects.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*argv, "posix", str(store.folder.parent)], stdout=output, stderr=output, env=env)
    try:
        deadline = time.monotonic() + 30
        while not _answers(store):
            assert process.poll() is None, log.read_text(errors="replace")[-2_000:]
            assert time.monotonic() < deadline, "the S3 server does not answer"
            time.sleep(0.05)
        yield store
    finally:
        process.terminate()
        process.wait(10)


def _answers(store: ObjectStore) -> bool:
    try:
        socket.create_connection((store.host, store.port), timeout=1).close()
    except OSError:
        return False
    return True
