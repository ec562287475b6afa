"""The REST interface: the lot as of now, in shapes that are frozen."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from parking_api.answers import Answers, Shape
from parking_api.routes import models

Limit = Annotated[int, Query(ge=1, le=1_000, description="At most so many sessions")]


def rest_routes(answers: Answers) -> APIRouter:
    """Make the routes under /api."""
    api = APIRouter(prefix="/api", tags=["parking"])

    @api.get("/status", response_model=models.Status, summary="Whether the gateway runs, and the counters")
    async def status() -> Shape:
        return answers.status()

    @api.get("/statistics", response_model=models.Statistics, summary="The counters")
    async def statistics() -> Shape:
        return answers.statistics()

    @api.get("/locations/free", response_model=models.FreeLocations, summary="Bays without a car")
    async def free_locations() -> Shape:
        bays = answers.view.free_bays()
        return {"free_locations": bays, "count": len(bays)}

    @api.get("/locations/busy", response_model=models.BusyLocations, summary="Bays with a car")
    async def busy_locations() -> Shape:
        bays = answers.view.busy_bays()
        return {"busy_locations": bays, "count": len(bays)}

    @api.get("/sessions/active", response_model=models.ActiveSessions, summary="Open sessions")
    async def active_sessions() -> Shape:
        sessions = answers.active_sessions()
        return {"active_sessions": sessions, "count": len(sessions)}

    @api.get("/sessions/closed", response_model=models.ClosedSessions, summary="Ended sessions, the newest first")
    async def closed_sessions(limit: Limit = 50) -> Shape:
        sessions = answers.closed_sessions(limit)
        return {"closed_sessions": sessions, "count": len(sessions)}

    @api.get(
        "/location/{location_id}",
        response_model=models.Location,
        responses={404: {"model": models.Problem, "description": "The lot has no such bay"}},
        summary="One bay, its name in any case",
    )
    async def location(location_id: str) -> Shape | JSONResponse:
        found = answers.location(location_id)
        return found or JSONResponse({"error": f"unknown location {location_id!r}"}, status_code=404)

    return api
