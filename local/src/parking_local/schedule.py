"""Runs a program at times: ``python -m parking_local.schedule "17 * * * *" PROGRAM ARGUMENTS…``, the times in UTC.

One run at a time; a time that passes while a run goes on is left out. What the program says is what we say.
"""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

log = logging.getLogger(__name__)

_STOP_SECONDS = 20.0
Run = Callable[[Sequence[str], threading.Event], int]


def next_time(schedule: str, now: datetime) -> datetime:
    """Give the first time of a schedule (cron, five fields) after ``now``; raises ValueError for no schedule."""
    from croniter import croniter

    found: datetime = croniter(schedule, now).get_next(datetime)
    return found


def run_once(argv: Sequence[str], stop: threading.Event) -> int:
    """Run a program to its end, or end it on ``stop``; gives its exit code."""
    with subprocess.Popen(list(argv)) as process:
        while not stop.is_set():
            try:
                return process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
        process.terminate()
        try:
            return process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def keep_schedule(
    schedule: str,
    argv: Sequence[str],
    stop: threading.Event,
    *,
    run: Run = run_once,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Run a program at every time of the schedule until ``stop``."""
    while not stop.is_set():
        due = next_time(schedule, now())
        log.info("next at %s", due.isoformat())
        if stop.wait(max(0.0, (due - now()).total_seconds())):
            return
        code = run(argv, stop)
        log.log(logging.INFO if code == 0 else logging.ERROR, "ended with code %d", code)


def main(argv: list[str]) -> int:
    """Run the command line; 2 when it is wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        schedule, *program = argv
        next_time(schedule, datetime.now(UTC))
        keep_schedule(schedule, program, stop)
    except ValueError as error:
        print(f"schedule: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
