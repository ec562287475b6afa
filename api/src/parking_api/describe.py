"""The gateway's interfaces as OpenAPI and AsyncAPI documents, for everyone who generates clients.

``python -m parking_api.describe --write api/schemas`` writes them, ``--check`` tells whether the files still fit.
"""

import json
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from parking.documents import BayRow, GatewayDocument
from parking.schemas import run
from parking.session import Session
from parking.tariff import Tariff
from parking_api import events
from parking_api.app import create_app
from parking_api.routes.models import Statistics
from parking_api.settings import Settings
from parking_api.wire import NAMESPACE

Shape = dict[str, Any]

_TOLD: dict[str, tuple[str, tuple[type[BaseModel], ...]]] = {
    "snapshot": (
        "A page of the whole lot. The second argument is binary: gzip of SnapshotSessions as JSON",
        (events.SnapshotPage, events.SnapshotSessions),
    ),
    "parking_update": ("A session changed", (Session,)),
    "statistics_update": ("The counters, before each snapshot and when they changed", (Statistics,)),
    "pulse": ("Every 2 seconds, and when ready changes", (events.Pulse,)),
    "lagging": ("The client cannot keep up and is dropped", (events.Lagging,)),
    "request_error": ("A request made no sense", (events.RequestError,)),
}
_ASKED: dict[str, tuple[str, tuple[type[BaseModel], ...]]] = {
    "request_update": ("Send the snapshot again", ()),
    "request_location": ("Send one bay as location_info", (events.RequestLocation,)),
}


def documents() -> dict[str, str]:
    """Give file name and text of each document; equal models give equal bytes."""
    told = {"openapi": openapi(), "asyncapi": asyncapi()}
    return {f"{name}.json": json.dumps(body, indent=2, sort_keys=True) + "\n" for name, body in told.items()}


def openapi() -> Shape:
    """Describe REST."""
    document = GatewayDocument(
        lot="central",
        bootstrap_servers="kafka:9092",
        rows=(BayRow(name="A", bays=("A1",)),),
        tariff=Tariff(),
        topic="processed-data",
        timeout_seconds=30,
    )
    application = create_app(Settings(document=document, port=0), _never)
    described: Shape = application.other_asgi_app.openapi()
    return described


def asyncapi() -> Shape:
    """Describe protocol 2 of the Socket.IO namespace."""
    messages = _TOLD | _ASKED
    models: list[type[BaseModel]] = [events.Subscription, *(model for _, used in messages.values() for model in used)]
    wanted: list[tuple[type[BaseModel], Literal["serialization"]]] = [
        (m, "serialization") for m in dict.fromkeys(models)
    ]
    _, schemas = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parking gateway, live",
            "version": "2",
            "description": "Socket.IO 5. Connect with auth: {protocol: 2} (Subscription). The items of a payload are "
            "the arguments of an event; binary ones are described by the JSON that they hold, compressed.",
        },
        "channels": {
            "parking": {
                "address": NAMESPACE,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {"tell": _operation("send", _TOLD), "listen": _operation("receive", _ASKED)},
        "components": {
            "messages": {name: _message(name, summary, used) for name, (summary, used) in messages.items()},
            "schemas": schemas["$defs"],
        },
    }


def _operation(action: str, messages: dict[str, Any]) -> Shape:
    referred = [{"$ref": f"#/channels/parking/messages/{name}"} for name in messages]
    return {"action": action, "channel": {"$ref": "#/channels/parking"}, "messages": referred}


def _message(name: str, summary: str, used: tuple[type[BaseModel], ...]) -> Shape:
    items = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in used]
    return {"name": name, "summary": summary, "payload": {"type": "array", "prefixItems": items}}


def _never() -> Any:
    raise NotImplementedError("an application that is only described reads nothing")


if __name__ == "__main__":
    run("parking_api.describe", documents())
