"""Where the gateway's objects meet."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import socketio
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from parking_api.answers import Answers
from parking_api.audience import Audience
from parking_api.fanout import Fanout, Limits
from parking_api.live import Live, Source
from parking_api.metrics import GatewayCollector, registry_of
from parking_api.reports import Reports
from parking_api.road import Road
from parking_api.road_traffic import RoadSource, RoadTraffic
from parking_api.routes.health import health_routes
from parking_api.routes.page import page_routes
from parking_api.routes.rest import rest_routes
from parking_api.routes.rest2 import rest2_routes
from parking_api.settings import Settings
from parking_api.sockets import ParkingNamespace
from parking_api.view import LotView
from parking_api.wire import MAX_REQUEST_BYTES, Packet, Server, Wire, log_in_one_line

DESCRIPTION = """
A car park as of now, and who has left it.

**Live**: Socket.IO, namespace `/parking`. A client gets `initial_data` when it connects and after `request_update`;
`parking_update` for each changed session; `exit_notification` when a car has left or is no longer seen;
`statistics_update`; `duration_update` every 5 seconds; `location_info` after `request_location {location_id}`.
A request that makes no sense is answered with `request_error {error}`. A client that cannot keep up is told
`lagging {reason}` and disconnected; it may connect again, and begins anew with `initial_data`.

A client that connects with `auth: {protocol: 2}` gets `snapshot`, `parking_update`, `statistics_update` and `pulse`
instead, as the AsyncAPI document in the sources says.
"""


def create_app(
    settings: Settings,
    source: Callable[[], Source],
    *,
    road_source: Callable[[], RoadSource] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    clock: Callable[[], float] = time.time,
) -> socketio.ASGIApp:
    """Make the whole gateway; the sources are opened when the application starts."""
    document = settings.document
    view = LotView(lot=document.lot, bays=document.bays, history=settings.history)
    answers = Answers(view, document.tariff, clock)
    server = _socket_server(settings)
    wire = Wire(server)
    fanout = Fanout[Packet, Audience](limits, time.monotonic)
    row_of = {bay: row.name for row in document.rows for bay in row.bays}
    live = Live(answers=answers, row_of=row_of, fanout=fanout, wire=wire)
    rows = frozenset(row_of.values())
    server.register_namespace(ParkingNamespace(answers=answers, rows=rows, live=live, wire=wire))
    traffic = RoadTraffic(Road(document.road, clock)) if document.road else None
    registry = registry_of(GatewayCollector(view=view, live=live, fanout=fanout, traffic=traffic))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = [asyncio.create_task(live.run(source()))]
        if traffic and road_source:
            running.append(asyncio.create_task(traffic.run(road_source())))
        yield
        for task in running:
            task.cancel()
        await asyncio.wait(running)

    web = FastAPI(
        title="Parking gateway",
        description=DESCRIPTION,
        version="1",
        openapi_url="/api/openapi.json",
        docs_url="/api/docs",
        redoc_url=None,
        lifespan=lifespan,
    )
    web.add_middleware(GZipMiddleware, minimum_size=1_000)
    web.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["GET"])
    reports = Reports(view, document, clock)
    for routes in (
        rest_routes(answers),
        rest2_routes(reports, traffic),
        health_routes(live, registry),
        page_routes(),
    ):
        web.include_router(routes)
    return socketio.ASGIApp(server, web)


def _socket_server(settings: Settings) -> Server:
    logger = logging.getLogger("parking_api.socketio")
    logger.setLevel(logging.ERROR)
    logger.addFilter(log_in_one_line)
    return Server(
        async_mode="asgi",
        always_connect=True,  # initial_data is sent while connecting, and has to come after the acceptance
        async_handlers=False,
        cors_allowed_origins=_origins(settings.cors_origins),
        cors_credentials=False,
        max_http_buffer_size=MAX_REQUEST_BYTES,
        logger=logger,
        engineio_logger=logger,
    )


def _origins(allowed: tuple[str, ...]) -> str | Callable[[str, Mapping[str, str]], bool]:
    """Say whose pages may connect; the Socket.IO server would refuse the gateway's own page if it is not listed."""
    if "*" in allowed:
        return "*"
    return lambda origin, request: origin in allowed or urlsplit(origin).netloc == request.get("HTTP_HOST")
