import json
from pathlib import Path

import jsonschema

from parking.schemas import drifted
from parking_api.describe import asyncapi, documents
from tests.support.live_gateway import next_event, session, socket_client
from tests.support.newer_client import read_snapshot

FOLDER = Path(__file__).parents[2] / "api" / "schemas"


def test_checked_in_documents_fit_the_gateway():
    assert drifted(FOLDER, documents()) == []


def test_every_reference_leads_somewhere():
    described = asyncapi()
    references = [line.split('"')[3] for line in json.dumps(described, indent=1).splitlines() if '"$ref"' in line]
    assert references
    for reference in references:
        found = described
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        assert found


async def test_every_event_is_as_described(gateway):
    described = asyncapi()
    async with socket_client(gateway.url, auth={"protocol": 2}) as client:
        told = {"statistics_update": await next_event(client, "statistics_update")}
        told["pulse"] = await next_event(client, "pulse")
        gateway.source.give(session("51A-9", "B2"))
        told["parking_update"] = await next_event(client, "parking_update")
        for name, data in told.items():
            (item,) = described["components"]["messages"][name]["payload"]["prefixItems"]
            jsonschema.validate(data, item | {"components": described["components"]})
        await client.emit("request_update")
        snapshot = await read_snapshot(client)
        for name, value in (("SnapshotPage", snapshot.pages[0]), ("SnapshotSessions", snapshot.held[0])):
            schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
            jsonschema.validate(value, schema)
