"""What the platform asks a gateway: does it live, may it be sent clients, and its figures."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from parking_api.live import Live


def health_routes(live: Live, registry: CollectorRegistry) -> APIRouter:
    """Make /healthz, /readyz and /metrics."""
    health = APIRouter(include_in_schema=False)

    @health.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "failed"}, 503) if live.failed else JSONResponse({"status": "ok"})

    @health.get("/readyz")
    async def readyz() -> JSONResponse:
        status = live.status
        told = {"ready": status.ready, "reason": status.reason, "lag": status.lag}
        return JSONResponse(told, status_code=200 if status.ready else 503)

    @health.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return health
