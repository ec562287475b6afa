"""The Socket.IO namespace /parking: what clients may ask, and what they get. Broadcasts come from ``live``."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import socketio

from parking.errors import InvalidInputError
from parking_api.answers import Answers, Shape
from parking_api.audience import Audience
from parking_api.live import Live
from parking_api.wire import NAMESPACE, Packet, Wire

Handler = Callable[..., Coroutine[Any, Any, bool | None]]


class ParkingNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # socketio has no types
    """Answers every event of a client with an event, also what it cannot make sense of."""

    def __init__(self, *, answers: Answers, rows: frozenset[str], live: Live, wire: Wire) -> None:
        super().__init__(NAMESPACE)
        self._rows = rows
        self._answers = answers
        self._live = live
        self._wire = wire
        self._handlers: dict[str, Handler] = {
            "connect": self._on_connect,
            "disconnect": self._on_disconnect,
            "request_update": self._on_request_update,
            "request_location": self._on_request_location,
        }

    async def trigger_event(self, event: object, sid: str, *data: object) -> bool | None:
        """Dispatch an event; the library's own dispatch would raise on unexpected arguments.

        False refuses a connection.
        """
        handler = self._handlers.get(event) if isinstance(event, str) else None
        client = self._wire.client(sid)
        if handler:
            return await handler(client, *data)
        error = f"unknown event {str(event)[:60]!r}; known: request_update, request_location"
        await self._live.send(client, Packet("request_error", {"error": error}))
        return None

    async def _on_connect(self, client: str, _environment: object = None, auth: object = None, *_: object) -> bool:
        try:
            audience = Audience.of(auth, self._rows)
        except InvalidInputError as error:
            await self._wire.push(client, (Packet("request_error", {"error": " ".join(str(error).split())}),))
            return False
        await self._live.join(client, audience)
        return True

    async def _on_disconnect(self, client: str, *_: object) -> None:
        self._live.leave(client)
        await self._wire.release(client)

    async def _on_request_update(self, client: str, *_: object) -> None:
        await self._live.welcome(client)

    async def _on_request_location(self, client: str, *data: object) -> None:
        asked = _location_id(data)
        await self._live.send(client, Packet("location_info", self._location_info(asked), about=asked))

    def _location_info(self, asked: str | None) -> Shape:
        if asked is None:
            return {"error": 'request_location wants {"location_id": "A7"}'}
        return self._answers.location(asked) or {"error": f"unknown location {asked[:60]!r}"}


def _location_id(data: Sequence[object]) -> str | None:
    """Read {location_id}; None when it is anything else."""
    asked = data[0].get("location_id") if data and isinstance(data[0], dict) else None
    return asked if isinstance(asked, str) else None
