"""The folder operator/ must never stand in for Python's module of that name (docs/adr/0001)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_standard_module_wins_at_the_root_of_the_repository() -> None:
    asked = "import collections, operator; print(operator.__file__); assert operator.itemgetter(0)([7]) == 7"
    for flags in ([], ["-P"]):
        run = subprocess.run(
            [sys.executable, *flags, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert not Path(run.stdout.strip()).is_relative_to(ROOT / "operator")


def test_nothing_makes_the_folder_a_package() -> None:
    assert not (ROOT / "operator" / "__init__.py").exists()
    assert not (ROOT / "tests" / "operator").exists()
