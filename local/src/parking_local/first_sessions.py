"""The first sessions of a lot that has just come up, as they come: the sign that cars are being followed."""

from rich.console import Console

from parking.errors import ParkingError
from parking_local import gateway_client
from parking_local.display import stay_line

COUNT = 10


class FirstSessions:
    """Prints each session that is new or has ended since the last call, until enough have been seen."""

    def __init__(self, url: str, console: Console) -> None:
        self._url = url
        self._console = console
        self._seen: set[tuple[object, ...]] = set()

    def show(self) -> None:
        """Ask the gateway and print what is new."""
        if len(self._seen) >= COUNT:
            return
        try:
            told = gateway_client.stays(self._url, closed=COUNT)
        except ParkingError:
            return
        news = [stay for stay in told if (*stay.key, stay.status) not in self._seen]
        for stay in news[: COUNT - len(self._seen)]:
            self._seen.add((*stay.key, stay.status))
            self._console.print(stay_line(stay))
        if len(self._seen) >= COUNT:
            self._console.print("… and so on: parking sessions --follow", style="dim")
