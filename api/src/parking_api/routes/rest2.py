"""Version 2 of the REST interface: the lot's layout, its past and its figures."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import Field

from parking.errors import Problem
from parking.session import SessionStatus
from parking_api import csv_file
from parking_api.answers import Shape, record
from parking_api.figures import MINUTE
from parking_api.history import Place, plate_pattern
from parking_api.history import Query as HistoryQuery
from parking_api.reports import Reports
from parking_api.road_traffic import RoadTraffic
from parking_api.routes import models, models2

MOST_STEPS = 2_000
EXPORTED_AT_ONCE = 1_000
LATEST = 2**40
"""Unix seconds; a time beyond is a mistake, such as milliseconds."""

Time = Annotated[int, Field(ge=0, le=LATEST)]
Limit = Annotated[int, Query(ge=1, le=1_000, description="At most so many sessions")]
Cursor = Annotated[
    str | None, Query(pattern=r"^\d{1,12}-\w{0,64}$", description="What the page before named as `next`")
]
UNKNOWN: dict[int | str, Any] = {
    404: {"model": models.Problem, "description": "There is no session of this id, or not any more"}
}


NO_ROAD: dict[int | str, Any] = {
    404: {"model": models.Problem, "description": "The lot has no road"},
    503: {"model": models.Problem, "description": "The gateway has stopped reading it"},
}


def _history_query(
    plate: Annotated[
        str, Query(max_length=64, description="Any part of a plate; case, dots and dashes do not count")
    ] = "",
    location: Annotated[str | None, Query(max_length=64, description="Name of a bay, in any case")] = None,
    status: Annotated[Literal["CLOSED", "TIMEOUT"] | None, Query(description="How it ended")] = None,
    begin: Annotated[Time, Query(alias="from", description="Ended then or later")] = 0,
    end: Annotated[Time, Query(alias="to", description="Ended earlier than that")] = LATEST,
) -> HistoryQuery:
    return HistoryQuery(
        plate=plate_pattern(plate),
        location=location.strip().upper() if location else None,
        status=SessionStatus(status) if status else None,
        begin=begin,
        end=end,
    )


Asked = Annotated[HistoryQuery, Depends(_history_query)]


def rest2_routes(reports: Reports, traffic: RoadTraffic | None) -> APIRouter:
    """Make the routes under /api/v2."""
    api = APIRouter(prefix="/api/v2", tags=["version 2"])
    history = reports.view.history

    @api.get("/lot", response_model=models2.Lot, summary="What does not change while the gateway runs")
    async def lot() -> Shape:
        return reports.lot

    @api.get("/road", response_model=models2.Road, responses=NO_ROAD, summary="Vehicles on their way to the lot")
    async def the_road() -> Response:
        if traffic is None:
            return JSONResponse({"error": "this lot has no road"}, status_code=404)
        if traffic.failed:
            return JSONResponse({"error": "the road is not read any more; see the gateway's log"}, status_code=503)
        return Response(traffic.answer(), media_type="application/json")

    @api.get("/history", response_model=models2.History, summary="Ended sessions page by page, the newest end first")
    async def pages(asked: Asked, limit: Limit = 50, cursor: Cursor = None) -> Shape:
        sessions, place = history.page(asked, Place.parse(cursor) if cursor else None, limit)
        return {"sessions": [record(session) for session in sessions], "next": place and str(place)}

    @api.get("/history.csv", response_class=StreamingResponse, summary="All ended sessions as one file")
    async def export(asked: Asked) -> StreamingResponse:
        name = f"{reports.view.lot}-sessions.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(_file(reports, asked), media_type="text/csv; charset=utf-8", headers=headers)

    @api.get("/sessions/{session_id}", response_model=models2.SessionDetail, responses=UNKNOWN, summary="One session")
    async def session(session_id: Annotated[str, Path(max_length=64)]) -> Shape | JSONResponse:
        found = reports.session(session_id)
        return found or JSONResponse({"error": f"unknown session {session_id!r}"}, status_code=404)

    @api.get("/figures", response_model=models2.Figures, summary="What happened, step by step")
    async def figures(
        begin: Annotated[Time | None, Query(alias="from", description="Unset: when today began in the lot")] = None,
        end: Annotated[Time | None, Query(alias="to", description="Unset: now")] = None,
        step: Annotated[int, Query(ge=MINUTE, le=366 * 86_400, multiple_of=MINUTE, description="Seconds")] = 3_600,
    ) -> Shape:
        today, now = reports.today()
        begin = (today if begin is None else begin) // MINUTE * MINUTE
        end = now if end is None else -(-end // MINUTE) * MINUTE
        if end - begin > MOST_STEPS * step:
            told = Problem("step", step, f"allowed: at most {MOST_STEPS} steps between from and to")
            raise HTTPException(422, detail=str(told))
        return reports.figures(begin, end, step)

    return api


async def _file(reports: Reports, asked: HistoryQuery) -> AsyncIterator[str]:
    """Give the file page by page, so that others have their turn in between."""
    place: Place | None = None
    yield csv_file.header()
    while True:
        sessions, place = reports.view.history.page(asked, place, EXPORTED_AT_ONCE)
        yield csv_file.lines(sessions, reports.zone)
        if place is None:
            return
        await asyncio.sleep(0)
