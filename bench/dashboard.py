"""How the dashboard draws a large lot: its first view, its size, and frames per second while updates come.

A real broker, a real gateway and Chromium without a screen, which draws in software. All of the browser's processes
share one core, the gateway and the cars the other. Results go to bench/results/dashboard.json.
"""

import argparse
import gzip
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from confluent_kafka import Producer
from events import create_topics
from playwright.sync_api import Browser, Page
from report import RESULTS, main_of, settings_of, write
from stage import stage
from steady import steadily

from parking.documents import GatewayDocument, rows_of
from parking.lot import Layout
from parking.session import Session, session_id
from parking.tariff import Tariff
from parking_api.routes.page import DASHBOARD
from parking_local.ports import HOST, free_port
from tests.support.browser import chromium

LOT, TOPIC = "bench", "processed-bench"
ROW = 100
PAST = 10_000
"""Stays of today before the benchmark, as many as a gateway keeps."""
BROWSER_CORE, OTHER_CORE = 1, 0
FIRST_VIEW = """() => new Promise(done => {
  const look = () => {
    const [mark] = performance.getEntriesByName("first-view");
    mark ? done(mark.startTime) : setTimeout(look, 20);
  };
  look();
})"""
FRAMES = """seconds => new Promise(done => {
  const times = [];
  const began = performance.now();
  const frame = now => { times.push(now); now - began < seconds * 1000 ? requestAnimationFrame(frame) : done(times); };
  requestAnimationFrame(frame);
})"""
SCROLLED = """seconds => new Promise(done => {
  const times = [];
  const began = performance.now();
  const plan = document.querySelector("[data-testid=map]").parentElement;
  let step = 24;
  const frame = now => {
    times.push(now);
    const before = plan.scrollTop;
    plan.scrollBy(0, step);
    if (plan.scrollTop === before) step = -step;
    now - began < seconds * 1000 ? requestAnimationFrame(frame) : done(times);
  };
  requestAnimationFrame(frame);
})"""


def main(argv: Sequence[str]) -> int:
    """Run the benchmark and write its results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bays", type=int, default=5_000)
    parser.add_argument("--rate", type=int, default=200, help="updates per second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--views", type=int, default=5, help="first views, each with an empty cache")
    parser.add_argument("--output", type=Path, default=RESULTS / "dashboard.json")
    options = parser.parse_args(argv)
    os.sched_setaffinity(0, {OTHER_CORE})
    with (
        stage() as here,
        _gateway(here.bootstrap, here.folder, options.bays) as url,
        _cars(here.bootstrap, options.bays, options.rate),
        _browser(here.folder) as browser,
    ):
        _wait_for_sessions(url)
        results = _measure(browser, url, options)
    write(options.output, {"settings": settings_of(options)} | results)
    print(json.dumps(results, indent=2))
    return 0


def _measure(browser: Browser, url: str, options: argparse.Namespace) -> dict:
    views = [_first_view(browser, url) for _ in range(options.views)]
    results: dict = {"kilobytes": _sizes(), "first_view_ms": statistics.median(views), "first_views_ms": views}
    page = browser.new_context(viewport={"width": 1_440, "height": 900}).new_page()
    page.goto(url)
    page.evaluate(FIRST_VIEW)
    for density in ("small", "large"):
        if density == "large":
            page.get_by_role("button", name="Large bays").click()
        results[f"{density}_bays"] = {
            "bays_drawn": page.locator("[data-bay]").count(),
            "still": _frames(page, FRAMES, options.seconds),
            "scrolled": _frames(page, SCROLLED, options.seconds),
        }
    return results


def _first_view(browser: Browser, url: str) -> float:
    """Give the time from asking for the page to the lot being drawn, in a browser that never saw it."""
    context = browser.new_context(viewport={"width": 1_440, "height": 900})
    page = context.new_page()
    page.goto(url)
    taken = page.evaluate(FIRST_VIEW)
    context.close()
    return round(taken)


def _frames(page: Page, script: str, seconds: float) -> dict:
    times = page.evaluate(script, seconds)
    lengths = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return {
        "frames_per_second": round(1_000 * len(lengths) / sum(lengths), 1),
        "frame_ms": {
            "p50": round(lengths[len(lengths) // 2], 1),
            "p99": round(lengths[len(lengths) * 99 // 100], 1),
            "most": round(lengths[-1], 1),
        },
    }


def _sizes() -> dict:
    """Give the kilobytes of the build, compressed as the gateway does it."""
    files = [path for path in DASHBOARD.rglob("*") if path.suffix in {".js", ".css", ".html", ".svg"}]
    return {
        kind: round(sum(len(gzip.compress(f.read_bytes())) for f in files if f.suffix == f".{kind}") / 1_000, 1)
        for kind in ("js", "css", "html", "svg")
    }


@contextmanager
def _gateway(bootstrap: str, folder: Path, bays: int) -> Iterator[str]:
    create_topics(bootstrap, 1, TOPIC)
    document = GatewayDocument(
        lot=LOT,
        bootstrap_servers=bootstrap,
        rows=rows_of(Layout(rows={_row(number): ROW for number in range(bays // ROW)})),
        tariff=Tariff(),
        topic=TOPIC,
        timeout_seconds=600,
    )
    config, port = folder / "gateway.json", free_port()
    config.write_text(json.dumps(document.document()))
    argv = [sys.executable, "-m", "parking_api", "--config", str(config), "--port", str(port), "--host", HOST]
    with (folder / "gateway.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
    try:
        yield f"http://{HOST}:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _browser(folder: Path) -> Iterator[Browser]:
    """Start Chromium on a core of its own: a process inherits its cores when it begins."""
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec taskset -c {BROWSER_CORE} {shutil.which("chromium")} "$@"\n')
    script.chmod(0o755)
    with chromium(str(script)) as browser:
        yield browser


def _row(number: int) -> str:
    return chr(ord("A") + number // 26) + chr(ord("A") + number % 26)


@contextmanager
def _cars(bootstrap: str, bays: int, rate: int) -> Iterator[None]:
    """Fill three of five bays, then go on with so many updates a second: most are sightings."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5})
    traffic = Traffic(bays)
    for session in traffic.past():
        _produce(producer, session)
    producer.flush(30)
    with steadily(rate, lambda _: _produce(producer, traffic.next())):
        yield
    producer.flush(10)


def _produce(producer: Producer, session: Session) -> None:
    producer.produce(TOPIC, key=session.session_id, value=session.model_dump_json())
    producer.poll(0)


class Traffic:
    """Updates of a lot whose cars come and go by chance, the same in each run."""

    def __init__(self, bays: int) -> None:
        self._chance = random.Random(42)
        self._bays = [f"{_row(number // ROW)}{number % ROW + 1}" for number in range(bays)]
        self._parked: dict[str, Session] = {}
        self._version = 2

    def past(self) -> Iterator[Session]:
        """Give the stays of today, and the cars that are there."""
        now = int(time.time())
        for _ in range(PAST):
            end = now - self._chance.randrange(600, 36_000)
            yield self._session(self._chance.choice(self._bays), end - 540, end, "CLOSED")
        for bay in self._chance.sample(self._bays, len(self._bays) * 3 // 5):
            yield self._enter(bay, now - self._chance.randrange(7_200))

    def next(self) -> Session:
        """Give one more update."""
        bay, now = self._chance.choice(self._bays), int(time.time())
        parked = self._parked.get(bay)
        if parked is None:
            return self._enter(bay, now)
        ends = self._chance.random() < 0.1
        session = self._session(bay, parked.start_time, now, "CLOSED" if ends else "ACTIVE", parked.license_plate)
        if ends:
            del self._parked[bay]
        return session

    def _enter(self, bay: str, start: int) -> Session:
        self._parked[bay] = self._session(bay, start, start, "ACTIVE")
        return self._parked[bay]

    def _session(self, bay: str, start: int, end: int, status: str, plate: str | None = None) -> Session:
        plate = plate or f"{self._chance.randrange(10, 99)}A-{self._chance.randrange(100_000):05}"
        self._version += 2
        return Session(
            license_plate=plate,
            location=bay,
            start_time=start,
            end_time=end,
            duration=end - start,
            cost=Tariff().cost(end - start),
            status=status,  # type: ignore[arg-type]
            last_updated=end,
            session_id=session_id(LOT, plate, bay, start),
            lot=LOT,
            version=self._version,
            currency="VND",
            partition=0,
            last_arrival=end * 1_000,
        )


def _wait_for_sessions(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz").is_success and httpx.get(f"{url}/api/status").json()["active_sessions"]:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} shows no session after 60 s")


if __name__ == "__main__":
    sys.exit(main_of(main))
