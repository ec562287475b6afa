"""The first page: a live map of the lot. Static files, served with a policy that lets nothing else in."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent.parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page_routes() -> APIRouter:
    """Make / and /static."""
    page = APIRouter(include_in_schema=False)

    @page.get("/")
    async def index() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers=HEADERS)

    page.mount("/static", StaticFiles(directory=STATIC))
    return page
