"""The dashboard, as its build left it beside the gateway's code, with a policy that lets nothing else in."""

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DASHBOARD = Path(__file__).parent.parent / "dashboard"
POLICY = "default-src 'none'; " + "; ".join(
    [
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect", "manifest")),
        *(f"{what} 'none'" for what in ("base-uri", "form-action", "frame-ancestors")),
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
UNBUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Parking gateway</title></head>
<body><h1>Parking gateway</h1>
<p>The dashboard is not part of this installation; <code>make dashboard</code> builds it.
What it shows is here too: <a href="/api/status">status</a>, <a href="/api/docs">all answers</a>.</p></body></html>
"""


class Assets(StaticFiles):
    """Files whose names change with their content, to be kept by browsers for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve a file."""
        response = await super().get_response(path, scope)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if response.status_code in {200, 304}:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def page_routes(folder: Path = DASHBOARD) -> APIRouter:
    """Make / and /assets."""
    page = APIRouter(include_in_schema=False)

    @page.get("/")
    async def index() -> Response:
        if (folder / "index.html").exists():
            return FileResponse(folder / "index.html", headers=HEADERS)
        return HTMLResponse(UNBUILT, headers=HEADERS)

    page.mount("/assets", Assets(directory=folder / "assets", check_dir=False))
    return page
