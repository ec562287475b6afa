"""``parking sessions``: a lot's sessions as a table, once or live."""

import time

from rich.console import Console
from rich.live import Live

from parking_local import gateway_client
from parking_local.display import stay_line, stay_table

_INTERVAL = 1.0
_NEWEST = 20


def show(url: str, console: Console) -> None:
    """Print the sessions of this moment."""
    console.print(stay_table(gateway_client.stays(url)))


def follow(url: str, console: Console) -> None:
    """Keep the table current until Ctrl-C; without a terminal, print what changes as lines."""
    if console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            while True:
                room = max(5, console.height - 3)
                live.update(stay_table(gateway_client.stays(url, closed=_NEWEST)[:room]), refresh=True)
                time.sleep(_INTERVAL)
    seen: set[tuple[object, ...]] = set()
    while True:
        now = {(*stay.key, stay.status): stay for stay in gateway_client.stays(url, closed=_NEWEST)}
        for key in now.keys() - seen:
            console.print(stay_line(now[key]))
        seen = set(now)
        time.sleep(_INTERVAL)
