"""What benchmarks hand over: a JSON file of results, a table on the terminal, an exit code."""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from running import RunFailedError

from parking.errors import ParkingError

RESULTS = Path(__file__).parent / "results"


def main_of(run: Callable[[Sequence[str]], int]) -> int:
    """Run a benchmark's main function: 130 when interrupted, 1 when it failed."""
    try:
        return run(sys.argv[1:])
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except (RunFailedError, ParkingError) as failure:
        print(failure, file=sys.stderr)
        return 1


def attempt(title: str, run: Callable[..., dict], *args: object, **options: object) -> dict | None:
    """Make one run of many and tell how it went; None when it failed."""
    print(f"{title} ...", file=sys.stderr, flush=True)
    try:
        figures = run(*args, **options)
    except RunFailedError as failure:
        print(f"{title}: failed: {failure}", file=sys.stderr, flush=True)
        return None
    print(f"{title}: {json.dumps(figures)}", flush=True)
    return figures


def settings_of(options: argparse.Namespace) -> dict[str, object]:
    """Give what a benchmark was told, as it stands beside its results."""
    return {name: value for name, value in vars(options).items() if name != "output"}


def write(path: Path, results: Mapping[str, object]) -> None:
    """Write results as JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=2) + "\n")
    print(f"written: {path}")


def show(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table, numbers with thousands apart, a dash where there is nothing."""
    cells = [list(header), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        names, figures = row[0].ljust(widths[0]), (cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))
        print("  ".join((names, *figures)))


def _text(cell: object) -> str:
    if cell is None:
        return "-"
    return f"{cell:,}" if isinstance(cell, int | float) else str(cell)


def medians(runs: Sequence[Mapping | None]) -> dict | None:
    """Median of each figure over the runs that did not fail, also of figures within figures."""
    good = [run for run in runs if run is not None]
    if not good:
        return None
    return {
        name: medians([run[name] for run in good if name in run])
        if isinstance(figure, Mapping)
        else round(statistics.median(run[name] for run in good if name in run), 3)
        for name, figure in good[0].items()
    }
