"""How fast session updates reach many clients, one of which never reads: our gateway, and the library's own emit.

Both read the same topic of one broker. Latency is from producing an update to a client having it; it is taken on a
tenth of the clients, deliveries are counted on all. Results go to bench/results/fanout.json.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import uvloop
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from dashboards import connect
from measure import percentiles
from report import RESULTS, main_of, write
from stage import stage
from steady import steadily

from parking.documents import GatewayDocument, rows_of
from parking.lot import Layout
from parking.session import Session, session_id
from parking.tariff import Tariff
from parking_local.ports import HOST, free_port

PLAIN = Path(__file__).parent / "jobs" / "plain_gateway.py"
SESSIONS = 200
WARM_SECONDS = 4


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rate", type=int, default=200, help="updates per second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args(argv)
    rounds: dict[str, list[dict]] = {"ours": [], "library_emit": []}
    with stage() as here:
        for number in range(options.rounds):
            for contender, runs in rounds.items():
                runs.append(_run(contender, f"{contender}-{number}", here.bootstrap, here.folder, options))
                print(f"round {number + 1} {contender:<12} {json.dumps(runs[-1])}", flush=True)
    write(RESULTS / "fanout.json", results := _summary(rounds, vars(options)))
    print(json.dumps(results, indent=2))
    return 0


def _run(contender: str, topic: str, bootstrap: str, folder: Path, options: argparse.Namespace) -> dict:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.create_topics([NewTopic(topic, 1, 1)]).values():
        made.result(30)
    with _gateway(contender, topic, bootstrap, folder) as (process, port), _producing(bootstrap, topic, options.rate):
        return uvloop.run(_measure(process, port, options)) | {"dropped_clients": _dropped(port)}


@contextmanager
def _gateway(contender: str, topic: str, bootstrap: str, folder: Path) -> Iterator[tuple[psutil.Process, int]]:
    port = free_port()
    if contender == "ours":
        config = folder / f"{topic}.json"
        document = GatewayDocument(
            lot="bench",
            bootstrap_servers=bootstrap,
            rows=rows_of(Layout(bays=_bays())),
            tariff=Tariff(),
            topic=topic,
            timeout_seconds=30,
        )
        config.write_text(json.dumps(document.document()))
        argv = [sys.executable, "-m", "parking_api", "--config", str(config), "--port", str(port), "--host", HOST]
    else:
        argv = [sys.executable, str(PLAIN), bootstrap, topic, str(port)]
    with (folder / f"{topic}.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
    try:
        _wait_until_ready(f"http://{HOST}:{port}/readyz")
        yield psutil.Process(process.pid), port
    finally:
        process.kill()
        process.wait()


def _bays() -> tuple[str, ...]:
    return tuple(f"A{number}" for number in range(1, SESSIONS + 1))


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} is not ready after 30 s")


@contextmanager
def _producing(bootstrap: str, topic: str, rate: int) -> Iterator[None]:
    """Produce updates at a steady rate from a thread, each stamped with the moment."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 1})
    begun = int(time.time())

    def send(number: int) -> None:
        producer.produce(topic, value=_update(number, begun).model_dump_json())
        producer.poll(0)

    with steadily(rate, send):
        yield
    producer.flush(10)


def _update(number: int, start: int) -> Session:
    bay, round_ = f"A{number % SESSIONS + 1}", number // SESSIONS
    now = time.time()
    return Session(
        license_plate=f"51A-{bay}",
        location=bay,
        start_time=start,
        end_time=int(now),
        duration=int(now) - start,
        cost=0,
        status="ACTIVE",
        last_updated=int(now),
        session_id=session_id("bench", f"51A-{bay}", bay, start),
        lot="bench",
        version=2 * round_ + 2,
        currency="VND",
        partition=0,
        last_arrival=int(now * 1000),
    )


async def _measure(process: psutil.Process, port: int, options: argparse.Namespace) -> dict:
    clients = [await connect(port, timed=number % 10 == 0) for number in range(options.clients - 1)]
    deaf = await connect(port, timed=False, buffer=4_096)
    await deaf.first_update.wait()
    deaf.transport.pause_reading()
    await asyncio.sleep(WARM_SECONDS)
    before, cpu, begun = sum(client.updates for client in clients), _cpu(process), time.time()
    for client in clients:
        if client.latencies:
            client.latencies.clear()
    await asyncio.sleep(options.seconds)
    seconds = time.time() - begun
    delivered = sum(client.updates for client in clients) - before
    figures = {
        "latency_ms": percentiles([ms for client in clients for ms in client.latencies or []]),
        "deliveries_per_second": round(delivered / seconds),
        "share_delivered": round(delivered / seconds / options.rate / len(clients), 3),
        "cores": round((_cpu(process) - cpu) / seconds, 2),
    }
    for client in (*clients, deaf):
        client.transport.abort()
    return figures


def _dropped(port: int) -> int:
    """Clients that our gateway dropped; the library's drops nobody, and has no such figure."""
    lines = httpx.get(f"http://{HOST}:{port}/metrics").text.splitlines()
    return sum(
        int(float(line.split()[1])) for line in lines if line.startswith("parking_gateway_clients_dropped_total")
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _summary(rounds: dict[str, list[dict]], settings: dict) -> dict:
    def median(contender: str, figure: str) -> float:
        return statistics.median(run[figure] for run in rounds[contender])

    ratio = median("ours", "deliveries_per_second") / median("library_emit", "deliveries_per_second")
    return {
        "ratios": {"library_emit": round(ratio, 2)},
        "latency_ms": {
            contender: {
                p: round(statistics.median(run["latency_ms"][p] for run in runs), 1) for p in ("p50", "p95", "p99")
            }
            for contender, runs in rounds.items()
        },
        "cores": {contender: round(median(contender, "cores"), 2) for contender in rounds},
        "rounds": rounds,
        "settings": settings,
    }


if __name__ == "__main__":
    sys.exit(main_of(main))
