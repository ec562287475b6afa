"""What people see in the terminal; without one (in CI) the same as plain lines."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from parking_local.gateway_client import Stay
from parking_local.toolchain.jars import Notify
from parking_operator.status import Condition, ConditionType, LotStatus, Reason

COMPONENTS = {
    ConditionType.TOPICS_READY: "topics",
    ConditionType.SESSION_JOB_READY: "session job",
    ConditionType.CAMERAS_READY: "cameras",
    ConditionType.GATEWAY_READY: "gateway",
    ConditionType.LAKE_READY: "lake",
    ConditionType.ROAD_READY: "road",
}
_STYLES = {
    "ready": "green",
    "resting": "dim",
    "waiting": "yellow",
    "failing": "red",
    "ACTIVE": "cyan",
    "CLOSED": "green",
}


def parts_of(status: LotStatus) -> list[tuple[ConditionType, str]]:
    """Give condition and name of each component that a lot has."""
    return [(kind, name) for kind, name in COMPONENTS.items() if status.has(kind)]


def state_of(condition: Condition) -> str:
    """Give one word for a component: ready, waiting, resting or failing."""
    if condition.status == "True":
        return "ready"
    if condition.reason in {Reason.PROGRESSING, Reason.MISSING}:
        return "waiting"
    return "resting" if condition.reason is Reason.SUSPENDED else "failing"


def component_line(state: str, name: str, message: str) -> Text:
    """Give the status line of a component."""
    return Text.assemble((f"{state:<8}", _STYLES[state]), f" {name:<12} ", (message, "dim" if state == "ready" else ""))


class StatusLines:
    """Prints a line for each component whose state changes, so that the lines tell the story."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[ConditionType, tuple[str, str]] = {}

    def waiting_for(self, status: LotStatus) -> str:
        """Name what is still on its way."""
        return ", ".join(name for kind, name in parts_of(status) if state_of(status.condition(kind)) == "waiting")

    def show(self, status: LotStatus) -> None:
        """Print what is new."""
        for kind, name in parts_of(status):
            condition = status.condition(kind)
            state = state_of(condition)
            # While something is on its way its message changes often; the first one is enough.
            news = (state, condition.message if state == "failing" else "")
            if self._told.get(kind) != news:
                self._told[kind] = news
                self._console.print(component_line(state, name, condition.message))


@contextmanager
def download_progress(console: Console) -> Iterator[Notify]:
    """Show jars as they arrive: a bar in a terminal, some lines elsewhere."""
    columns = (TextColumn("downloading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)

        def notify(jar: str, done: int, total: int) -> None:
            progress.update(bar, description=jar, completed=done, total=total)
            if not console.is_terminal and (done % 10 == 0 or done == total):
                console.print(f"downloaded {done} of {total} jars")

        yield notify


def stay_line(stay: Stay) -> Text:
    """Give a session as one line."""
    return Text.assemble(
        f"{stay.location:<6} {stay.license_plate:<14} ",
        (f"{stay.status:<8}", _STYLES.get(stay.status, "yellow")),
        f" {stay.duration:>6} s {stay.cost:>12,}",
    )


def stay_table(stays: Iterable[Stay]) -> Table:
    """Give sessions as a table."""
    table = Table("Bay", "Plate", "Status", "Since (UTC)", box=None, header_style="bold", pad_edge=False)
    table.add_column("Duration", justify="right")
    table.add_column("Cost", justify="right")
    for stay in stays:
        since = datetime.fromtimestamp(stay.start_time, UTC).strftime("%H:%M:%S")
        status = Text(stay.status, _STYLES.get(stay.status, "yellow"))
        table.add_row(stay.location, stay.license_plate, status, since, f"{stay.duration} s", f"{stay.cost:,}")
    return table


def status_table(status: LotStatus) -> Table:
    """Give a lot's conditions as a table."""
    table = Table("State", "Component", "Since", "Message", box=None, header_style="bold", pad_edge=False)
    for kind, name in parts_of(status):
        condition = status.condition(kind)
        state = state_of(condition)
        table.add_row(Text(state, _STYLES[state]), name, condition.last_transition_time, condition.message)
    return table
