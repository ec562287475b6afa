"""The whole lot in one go, for clients of either protocol: encoded once for all who ask in the same second."""

import gzip
import secrets
from collections.abc import Iterator, Mapping, Sequence

import orjson

from parking.session import Session
from parking_api.answers import Answers, record
from parking_api.audience import Audience
from parking_api.wire import Packet

PAGE = 1_000
"""Sessions in a page, some 50 kB compressed: the first can be drawn while the others come."""
QUICK = 1
"""Level of compression: a quarter larger than the best, in a tenth of the time."""


class Snapshots:
    """Encodes the lot as of now."""

    def __init__(self, answers: Answers, row_of: Mapping[str, str]) -> None:
        self._answers = answers
        self._row_of = row_of
        self._moment = (0, 0)
        self._encoded: dict[Audience, tuple[Packet, ...]] = {}

    def of(self, audience: Audience) -> tuple[Packet, ...]:
        """Give all that clients of an audience need to draw the lot."""
        moment = (int(self._answers.clock()), self._answers.view.revision)
        if moment != self._moment:
            self._moment, self._encoded = moment, {}
        if audience not in self._encoded:
            self._encoded[audience] = tuple(self._encode(audience))
        return self._encoded[audience]

    def _encode(self, audience: Audience) -> Iterator[Packet]:
        if audience.protocol == 1:
            yield Packet("initial_data", self._answers.snapshot())
            return
        yield Packet("statistics_update", self._answers.statistics())
        yield from self._pages(audience)

    def _pages(self, audience: Audience) -> Iterator[Packet]:
        view = self._answers.view
        sessions = self._heard_of(audience, view.open_sessions())
        ended = self._heard_of(audience, view.last_ended())
        named, pages = secrets.token_hex(6), max(1, -(-(len(sessions) + len(ended)) // PAGE))
        for number in range(pages):
            first, last = number * PAGE, (number + 1) * PAGE
            rest = slice(max(0, first - len(sessions)), max(0, last - len(sessions)))
            held = {"sessions": sessions[first:last], "ended": ended[rest]}
            about = {"id": named, "page": number + 1, "pages": pages}
            # Without a time in it, so that equal tables give equal bytes.
            packed = gzip.compress(orjson.dumps(held), QUICK, mtime=0)
            yield Packet("snapshot", about, about=number, attachment=packed)

    def _heard_of(self, audience: Audience, sessions: Sequence[Session]) -> list[dict[str, object]]:
        return [record(session) for session in sessions if audience.hears_of(self._row_of.get(session.location))]
