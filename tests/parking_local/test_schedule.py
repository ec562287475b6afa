"""A program is run when its time has come, one run at a time, and ended with its keeper."""

import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from parking_local.schedule import keep_schedule, main, next_time, run_once

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("17 * * * *", NOON + timedelta(minutes=17)),
        ("0 12 * * *", NOON + timedelta(days=1)),
        ("*/5 * * * *", NOON + timedelta(minutes=5)),
    ],
)
def test_the_next_time_is_after_now(schedule: str, due: datetime) -> None:
    assert next_time(schedule, NOON) == due


def test_a_time_that_passes_during_a_run_is_left_out() -> None:
    stop, runs = threading.Event(), []
    times = iter([NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=3), NOON + timedelta(hours=4)])

    def run(argv: Sequence[str], _stop: threading.Event) -> int:
        runs.append(list(argv))
        if len(runs) == 2:
            stop.set()
        return 0

    keep_schedule("0 * * * *", ["tidy"], stop, run=run, now=lambda: next(times))
    assert runs == [["tidy"], ["tidy"]]


def test_a_run_ends_by_itself_or_with_its_keeper() -> None:
    stop = threading.Event()
    assert run_once([sys.executable, "-c", "raise SystemExit(3)"], stop) == 3
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    assert run_once([sys.executable, "-c", "import time; time.sleep(60)"], stop) == -15
    timer.join()


def test_what_is_no_schedule_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["every hour", "tidy"]) == 2
    assert capsys.readouterr().err.startswith("schedule: ")
