"""The lake's programs as the platform runs them: processes of their own, beside a real broker."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import duckdb
import duckdb_extension_avro
import duckdb_extension_httpfs
import duckdb_extension_iceberg

from parking.road import RoadTopic
from parking.road_documents import LakeDocument
from parking_local import spark
from parking_local.ports import free_port
from parking_local.readiness import ask
from parking_operator.render.labels import OBJECT_STORAGE
from parking_operator.render.lake import LAKE_FILE

TOPICS = (*RoadTopic, "processed-data")
_OPTIONS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def document(bootstrap: str, folder: Path, **changes: Any) -> LakeDocument:
    """The document of an embedded lake in ``folder``; ``changes`` by wire name."""
    values = {
        "lot": "central",
        "bootstrapServers": bootstrap,
        "topics": {},
        "processedTopic": "processed-data",
        "warehouse": str(folder / "warehouse"),
        "catalogue": {"type": "Embedded", "uri": f"jdbc:sqlite:{folder}/catalogue.db", "namespace": "central"},
        "trigger": "500ms",
        "window": "10m",
        "maxRecordsPerTrigger": 100_000,
        "keepSnapshots": "1d",
    }
    return LakeDocument.model_validate(values | changes)


def environment(*, objects: bool = False, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the local world sets, for a small driver on two cores; ``objects``: with the jars for object storage."""
    annotations = {OBJECT_STORAGE: "true"} if objects else {}
    spec = {
        "mainApplicationFile": LAKE_FILE,
        "executor": {"instances": 1, "cores": 2},
        "driver": {"memory": "1g", "annotations": annotations},
        "sparkConf": {"spark.driver.extraJavaOptions": _OPTIONS},
    }
    return {**os.environ, **spark.environment(spec), "PYTHONSAFEPATH": "1", **(extra or {})}


class LakeJob:
    """The job that fills the tables; ``start`` again after ``kill`` goes on where the tables end."""

    def __init__(self, lake: LakeDocument, folder: Path, env: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.config, self.log = folder / "lake.json", folder / "lake.log"
        self.config.write_text(json.dumps(lake.document()))
        self._env = dict(env or environment())
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def start(self) -> Self:
        self._port = free_port()
        argv = [*self._program("write"), "--probe-port", str(self._port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, env=self._env, start_new_session=True)
        return self

    def upkeep(self, timeout: float = 120) -> str:
        """Run the upkeep to its end; gives what it said."""
        done = subprocess.run(
            self._program("upkeep"), env=self._env, timeout=timeout, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-6_000:]
        return done.stderr

    def wait_until(self, reached: Callable[[], bool], timeout: float = 120) -> None:
        """Wait until something has become true, while the job runs."""
        deadline = time.monotonic() + timeout
        while not reached():
            assert self._process, "the job was not started"
            assert self._process.poll() is None, f"the job ended:\n{self.tail()}"
            assert time.monotonic() < deadline, f"not reached after {timeout} s\n{self.tail()}"
            time.sleep(0.3)

    def wait_ready(self) -> Self:
        self.wait_until(lambda: ask(f"http://127.0.0.1:{self._port}/readyz").ready)
        return self

    def metrics(self) -> str:
        return subprocess.run(
            ["curl", "-s", f"http://127.0.0.1:{self._port}/metrics"], capture_output=True, text=True, check=True
        ).stdout

    def tail(self, size: int = 4_000) -> str:
        return self.log.read_text(errors="replace")[-size:]

    def stop(self, timeout: float = 60) -> int:
        assert self._process, "the job was not started"
        self._process.terminate()
        try:
            return self._process.wait(timeout)
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9 of the program and of all it started."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _program(self, name: str) -> list[str]:
        return [sys.executable, "-m", "parking_jobs.lake", name, "--config", str(self.config)]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()


Catalogue = Callable[[], Mapping[str, str]]
"""Gives where the newest metadata of each table is; empty while there are none."""


def embedded_catalogue(lake: LakeDocument) -> Catalogue:
    """The file that is the catalogue of a lake on one machine."""
    path = Path((lake.catalogue.uri or "").removeprefix("jdbc:sqlite:"))

    def read() -> Mapping[str, str]:
        if not path.exists():
            return {}
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as catalogue:
            try:
                rows = catalogue.execute("SELECT table_name, metadata_location FROM iceberg_tables")
            except sqlite3.OperationalError:
                return {}
            return dict(rows.fetchall())

    return read


class Tables:
    """The tables as DuckDB, a reader of another make, sees them."""

    def __init__(self, catalogue: Catalogue, settings: Iterable[str] = ()) -> None:
        self._catalogue = catalogue
        self._connection = duckdb.connect()
        for module in (duckdb_extension_avro, duckdb_extension_httpfs, duckdb_extension_iceberg):
            name = module.__name__.removeprefix("duckdb_extension_")
            (file,) = Path(str(module.__file__)).parent.rglob(f"{name}.duckdb_extension")
            self._connection.execute(f"LOAD '{file}'")
        for setting in ("SET TimeZone = 'UTC'", *settings):
            self._connection.execute(setting)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run SQL in which {table} stands for a table as it is now."""
        return self._connection.execute(sql.format_map(self.scans())).fetchall()

    def count(self, table: str) -> int:
        """Count a table's rows; 0 while there is no such table."""
        return self.query(f"SELECT count(*) FROM {{{table}}}")[0][0] if table in self.scans() else 0

    def scans(self) -> dict[str, str]:
        """Give the SQL that reads each table as it is now."""
        return {name: f"iceberg_scan('{location}')" for name, location in self._catalogue().items()}
