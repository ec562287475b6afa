"""Records into the lake: how many a second, how soon SQL sees them, in how many files, and how long questions take.

Ours beside the plain Parquet writer of public versions, in turns, and beside what the disk and one core can do. Writes
bench/results/lake.json.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from report import RESULTS, main_of, medians, settings_of, show, write
from running import RunFailedError
from steady import steadily

from parking.road import RoadTopic
from parking.road_documents import LakeDocument
from parking_jobs.lake.decode import RECORDS, road_decoder
from parking_local.broker import Broker
from parking_local.query import open_lake, views
from tests.support.broker import create_topics, kafka_broker, produce
from tests.support.lake import TOPICS, LakeJob, Tables, document, embedded_catalogue, environment
from tests.support.road_records import record

PLAIN = Path(__file__).parent / "jobs" / "plain_lake.py"
_PATIENCE = 300.0
_MAX_OFFSETS = 100_000
_TIMES = 5
_NEWEST = """
    SELECT min(newest) FROM (
        SELECT max(timestamp) AS newest FROM read_parquet(?, union_by_name = true, filename = true)
        GROUP BY regexp_extract(filename, '(\\w+)/[^/]*$', 1)
    )
"""


@dataclass(frozen=True)
class Writer:
    """A running writer: how many rows SQL sees, the newest one's time, and the data files."""

    rows: Callable[[], int]
    newest: Callable[[], datetime | None]
    files: Callable[[], list[Path]]


def main(argv: Sequence[str]) -> int:
    """Measure and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000, help="of each of the five topics, waiting")
    parser.add_argument("--rate", type=int, default=100, help="records a second and topic, then")
    parser.add_argument("--seconds", type=int, default=40, help="how long")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--output", type=Path, default=RESULTS / "lake.json")
    options = parser.parse_args(argv)
    runs: dict[str, list[dict]] = {"ours": [], "plain": []}
    for number in range(options.runs):
        for name in ("ours", "plain") if number % 2 == 0 else ("plain", "ours"):
            print(f"run {number + 1}: {name} ...", file=sys.stderr, flush=True)
            runs[name].append(_run(name, options))
            print(json.dumps(runs[name][-1]), flush=True)
    results = {**{name: medians(figures) for name, figures in runs.items()}, "limits": _limits(options.records)}
    write(options.output, {**results, "settings": settings_of(options)})
    figures = [name for name in results["ours"] if name in results["plain"]]
    show(("figure", "ours", "plain"), [(name, results["ours"][name], results["plain"][name]) for name in figures])
    return 0


def _run(name: str, options: argparse.Namespace) -> dict:
    with tempfile.TemporaryDirectory() as folder, kafka_broker(Path(folder)) as broker:
        create_topics(
            broker.bootstrap_servers, TOPICS, partitions=3, config={"message.timestamp.type": "LogAppendTime"}
        )
        for topic in RoadTopic:
            produce(broker.bootstrap_servers, topic, _records(topic, options.records))
        lake = document(
            broker.bootstrap_servers, Path(folder) / "lake", trigger="5s", maxRecordsPerTrigger=_MAX_OFFSETS
        )
        with _ours(lake, Path(folder)) if name == "ours" else _plain(broker, Path(folder)) as writer:
            found = {"rows_per_second": round(_backlog(writer, len(RoadTopic) * options.records))}
            found |= _steady(broker, writer, options.rate, options.seconds)
        if name == "ours":
            found["query_ms"] = _query_times(lake)
            LakeJob(lake.model_copy(update={"window": lake.trigger}), Path(folder) / "upkeep").upkeep(timeout=_PATIENCE)
            found["files_after_upkeep"] = sum(_files_of(lake, topic) for topic in RoadTopic)
        return found


def _records(topic: RoadTopic, count: int) -> Iterator[tuple[str, bytes]]:
    return ((f"veh-{n % 7}", record(topic, n)) for n in range(count))


def _newest_in(table: str) -> str:
    return f"SELECT max(arrival) FROM {{{table}}}"  # noqa: S608 - a name of ours


@contextmanager
def _ours(lake: LakeDocument, folder: Path) -> Iterator[Writer]:
    tables = Tables(embedded_catalogue(lake))

    def newest() -> datetime | None:
        found = [tables.query(_newest_in(t.name.lower()))[0][0] for t in RoadTopic]
        return min(found) if all(found) else None

    with LakeJob(lake, folder):
        yield Writer(
            rows=lambda: sum(tables.count(topic.name.lower()) for topic in RoadTopic),
            newest=newest,
            files=lambda: list((folder / "lake" / "warehouse").rglob("data/**/*.parquet")),
        )


@contextmanager
def _plain(broker: Broker, folder: Path) -> Iterator[Writer]:
    """Run the plain writer. Its records bear the time of sending, so their own time says how old they are."""
    output = folder / "plain"
    job = {"bootstrap": broker.bootstrap_servers, "folder": str(output), "max_offsets": _MAX_OFFSETS}
    process = subprocess.Popen(
        [sys.executable, str(PLAIN)], env={**environment(), "BENCH_JOB": json.dumps(job)}, stderr=subprocess.DEVNULL
    )
    reader = duckdb.connect()

    def committed() -> list[str]:
        """Read Spark's own list of files, as a careful reader has to."""
        logs = [log for log in output.glob("*/_spark_metadata/*") if not log.name.startswith(".")]
        lines = {line for log in logs for line in log.read_text().splitlines() if line.startswith("{")}
        return [json.loads(line)["path"].removeprefix("file://") for line in lines]

    def ask(sql: str) -> list[tuple]:
        files = committed()
        return reader.execute(sql, [files]).fetchall() if files else [(None,)]

    def newest() -> datetime | None:
        found = ask(_NEWEST)[0][0]
        return found.replace(tzinfo=UTC) if found else None

    try:
        yield Writer(
            rows=lambda: ask("SELECT count(*) FROM read_parquet(?, union_by_name = true)")[0][0] or 0,
            newest=newest,
            files=lambda: [Path(path) for path in committed()],
        )
    finally:
        process.kill()
        process.wait()


def _backlog(writer: Writer, expected: int) -> float:
    """Give the rows a second between the first that were seen and the last."""
    deadline, first = time.monotonic() + _PATIENCE, None
    while True:
        rows, now = writer.rows(), time.monotonic()
        if rows and first is None:
            first = (rows, now)
        if rows >= expected:
            assert first is not None
            return (rows - first[0]) / max(now - first[1], 0.001) if rows > first[0] else rows / (now - first[1] + 1)
        if now > deadline:
            raise RunFailedError(f"{rows} of {expected} rows after {_PATIENCE:.0f} s")
        time.sleep(0.1)


def _steady(broker: Broker, writer: Writer, rate: int, seconds: int) -> dict:
    """Send records as they happen and see how old the newest is that SQL sees, and how many files come about."""
    before, bytes_before = len(writer.files()), sum(file.stat().st_size for file in writer.files())
    ages: list[float] = []
    count = max(1, rate // 2)

    def send(number: int) -> None:
        now = datetime.now(UTC).isoformat()
        for topic in RoadTopic:
            values = ((f"veh-{n % 7}", record(topic, n, id=f"{number}-{n}", timestamp=now)) for n in range(count))
            produce(broker.bootstrap_servers, topic, values)

    with ExitStack() as stack:
        stack.enter_context(steadily(2, send))
        begun, since = time.monotonic(), datetime.now(UTC)
        while time.monotonic() < begun + seconds:
            newest = writer.newest()
            if newest is not None and newest > since:  # not one of those that had been waiting
                ages.append((datetime.now(UTC) - newest).total_seconds())
            time.sleep(0.25)
    if not ages:
        raise RunFailedError(f"nothing that was sent within {seconds} s was seen")
    files, hour = writer.files(), 3_600 / seconds
    return {
        "age_seconds_median": round(statistics.median(ages), 2),
        "age_seconds_most": round(max(ages), 2),
        "files_per_hour": round((len(files) - before) * hour),
        "bytes_per_hour": round((sum(file.stat().st_size for file in files) - bytes_before) * hour),
    }


def _files_of(lake: LakeDocument, topic: RoadTopic) -> int:
    tables = Tables(embedded_catalogue(lake))
    metadata = tables.scans()[topic.name.lower()].replace("iceberg_scan", "iceberg_metadata")
    sql = f"SELECT count(*) FROM {metadata} WHERE manifest_content = 'DATA' AND status <> 'DELETED'"  # noqa: S608
    return int(tables.query(sql)[0][0])


def _query_times(lake: LakeDocument) -> dict:
    """Give the median of each view's time, milliseconds, with the tables' metadata read anew by each."""
    found = {}
    for name, sql in views().items():
        times = []
        for _ in range(_TIMES):
            begun = time.perf_counter()
            with open_lake(lake) as connection:
                connection.execute(sql).fetchall()
            times.append(1_000 * (time.perf_counter() - begun))
        found[name] = round(statistics.median(times))
    return found


def _limits(records: int) -> dict:
    """Measure what the parts cost by themselves, on one core: our rules, Parquet from memory, the disk."""
    topic = RoadTopic.VEHICLE
    values = [record(topic, n) for n in range(records)]
    arrival = pa.array([datetime.now(UTC)] * records, RECORDS.field("arrival").type)
    columns = [pa.array([0] * records, pa.int32()), pa.array(range(records), pa.int64()), arrival]
    batch = pa.RecordBatch.from_arrays([*columns, pa.array([b"k"] * records), pa.array(values)], schema=RECORDS)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        decoded = road_decoder(topic).decode(batch)
        after_decoding = time.perf_counter()
        rows = pa.Table.from_batches([pa.RecordBatch.from_struct_array(decoded["row"])])
        with (Path(folder) / "rows.parquet").open("wb") as file:
            pq.write_table(rows, file, compression="zstd")
            os.fsync(file.fileno())
        after_writing = time.perf_counter()
        megabytes, some = 512, os.urandom(1 << 20)
        with (Path(folder) / "bytes").open("wb") as file:
            for _ in range(megabytes):
                file.write(some)
            os.fsync(file.fileno())
        disk = time.perf_counter() - after_writing
    return {
        "decoded_per_second": round(records / (after_decoding - begun)),
        "parquet_rows_per_second": round(records / (after_writing - after_decoding)),
        "disk_megabytes_per_second": round(megabytes / disk),
    }


if __name__ == "__main__":
    sys.exit(main_of(main))
