"""Programs that others brought: found, run, and named when they are missing."""

import shutil
import subprocess
from pathlib import Path

_ATTEMPTS = 3


class ToolError(Exception):
    """A program is missing or failed; the message is for people."""


def need(*programs: str, why: str, package: str | None = None) -> None:
    """Raise ToolError unless all of these programs are installed."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise ToolError(f"{why} needs {' and '.join(missing)}: apt-get install {package or ' '.join(missing)}")


def run(*command: str | Path, passing: str | None = None) -> None:
    """Run a program whose output people see; raises ToolError when it fails.

    ``passing`` is what it says of a failure that is over at the next attempt.
    """
    for _ in range(_ATTEMPTS):
        code, passes = _shown(list(map(str, command)), passing)
        if code == 0:
            return
        if not passes:
            break
    raise ToolError(f"{' '.join(map(str, command[:3]))} … ended with code {code}")


def _shown(command: list[str], passing: str | None) -> tuple[int, bool]:
    """Show output as it comes; give the exit code, and whether ``passing`` was in it."""
    passes = False
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            passes = passes or (passing is not None and passing in line)
    return process.returncode, passes


def ask(*command: str | Path, passing: str | None = None) -> str:
    """Run a program and give what it says; raises ToolError with its own words when it fails."""
    for _ in range(_ATTEMPTS):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.strip()
        if passing is None or passing not in done.stderr:
            break
    raise ToolError(f"{' '.join(map(str, command[:3]))} … failed: {done.stderr.strip()[-500:]}")


def succeeds(*command: str | Path) -> bool:
    """Whether a program ends with code 0."""
    return subprocess.run(list(map(str, command)), capture_output=True, check=False).returncode == 0
