"""A proxy in front of the API server that makes the faults of a bad day: refusals, cut and silent watches, outages."""

import asyncio
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from parking_local.ports import HOST, free_port
from tests.support.cluster.faults import CrashPoint, Refusals

_HOP_BY_HOP = {"connection", "host", "keep-alive", "transfer-encoding", "upgrade", "content-length"}
_T = TypeVar("_T")


class FaultProxy:
    """Plain HTTP before, the API server's HTTPS behind; bearer tokens pass.

    ``counters``: requests, writes, watches, refused, and those the API server could not be asked ("unreachable").
    """

    def __init__(self, target: str, authority: bytes | None = None) -> None:
        self._target = target.rstrip("/")
        self._trust = ssl.create_default_context(cadata=authority.decode() if authority else None)
        self._port = free_port()
        self.url = f"http://{HOST}:{self._port}"
        self.counters: Counter[str] = Counter()
        self._refusals: list[Refusals] = []
        self._crash: CrashPoint | None = None
        self._watches: set[_Watch] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)
        self._server: web.Server
        self._runner: web.ServerRunner
        self._site: web.TCPSite | None = None
        self._client: aiohttp.ClientSession

    def answer(
        self,
        status: int,
        *,
        times: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
        writes_only: bool = True,
        retry_after: int | None = None,
    ) -> None:
        """Answer the next ``times`` requests (None: until ``heal``), or a share of them, with an error status.

        ``retry_after`` seconds are told with 429 and 503. Watches that run are left alone.
        """
        self._refusals.append(Refusals(status, times, probability, seed, writes_only, retry_after))

    def crash_at(self, write: int, act: Callable[[], None], *, done: bool) -> CrashPoint:
        """At the n-th write from now call ``act`` (in the proxy's thread) and answer nothing any more until ``heal``.

        ``done``: whether the API server gets that write before. Gives the crash, to wait for.
        """
        self._crash = CrashPoint(write, act, done=done)
        return self._crash

    def heal(self) -> None:
        """End the faults that ``answer`` and ``crash_at`` began."""
        self._refusals = []
        self._crash = None

    def cut_watches(self) -> int:
        """Break the connections of all watches that run; gives how many."""
        return self._call(self._each_watch(lambda watch: watch.cut()))

    def freeze_watches(self) -> int:
        """Keep all watches that run open, but silent for ever; gives how many. New ones are fine."""
        return self._call(self._each_watch(lambda watch: watch.freeze()))

    def down(self) -> None:
        """Refuse connections and break those there are."""
        self._call(self._down())

    def up(self) -> None:
        """Accept connections again, on the same port."""
        self._call(self._up())

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(15)

    async def _start(self) -> None:
        # Without a limit: each watch holds a connection.
        connector = aiohttp.TCPConnector(ssl=self._trust, limit=0)
        unlimited = aiohttp.ClientTimeout(total=None, connect=5)
        self._client = aiohttp.ClientSession(connector=connector, timeout=unlimited, auto_decompress=False)
        # With cancellation: who goes away ends its watch on the API server too.
        self._server = web.Server(self._handle, access_log=None, handler_cancellation=True)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.1)
        await self._runner.setup()
        await self._up()

    async def _stop(self) -> None:
        await self._down()
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._client.close()

    async def _up(self) -> None:
        if self._site is None:
            self._site = web.TCPSite(self._runner, HOST, self._port, reuse_address=True)
            await self._site.start()

    async def _down(self) -> None:
        if self._site:
            await self._site.stop()
            self._site = None
        for connection in self._server.connections:
            if connection.transport:
                connection.transport.abort()

    async def _each_watch(self, act: Callable[["_Watch"], None]) -> int:
        running = list(self._watches)
        for watch in running:
            act(watch)
        return len(running)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        writes = request.method not in {"GET", "HEAD", "OPTIONS"}
        self.counters.update(["requests", *(["writes"] if writes else [])])
        for refusals in self._refusals:
            if refusals.strikes(writes=writes):
                self.counters["refused"] += 1
                return _refusal(refusals)
        strike = self._crash.strike(writes=writes) if self._crash else "no"
        if self._crash and strike == "now":
            await self._crash_now(self._crash, request)
        return await self._forward(request) if strike == "no" else _break(request)

    async def _crash_now(self, crash: CrashPoint, request: web.BaseRequest) -> None:
        if crash.done:
            await self._ask(request)
        crash.act()

    async def _forward(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            if request.query.get("watch") in {"true", "1", "True"}:
                return await self._forward_watch(request)
            return await self._ask(request)
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.counters["unreachable"] += 1
            return _break(request)

    async def _ask(self, request: web.BaseRequest) -> web.Response:
        asked = self._client.request(
            request.method,
            self._target + request.path_qs,
            headers=_passed(request.headers),
            data=await request.read() or None,
            skip_auto_headers=("Content-Type",),  # the API server refuses a request whose body it cannot read
        )
        async with asked as answer:
            return web.Response(status=answer.status, headers=_passed(answer.headers), body=await answer.read())

    async def _forward_watch(self, request: web.BaseRequest) -> web.StreamResponse:
        self.counters["watches"] += 1
        asked = self._client.get(self._target + request.path_qs, headers=_passed(request.headers))
        async with asked as answer:
            response = web.StreamResponse(status=answer.status, headers=_passed(answer.headers))
            await response.prepare(request)
            watch = _Watch(request)
            self._watches.add(watch)
            try:
                async for part in answer.content.iter_any():
                    await watch.pass_on(response, part)
                await watch.end()
            finally:
                self._watches.discard(watch)
            return response


class _Watch:
    """One watch that runs through the proxy."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self._frozen = False

    def cut(self) -> None:
        """Break the client's connection."""
        _break(self._request)

    def freeze(self) -> None:
        """Pass nothing on any more, not even the end."""
        self._frozen = True

    async def pass_on(self, response: web.StreamResponse, part: bytes) -> None:
        """Send a part of the stream, unless frozen."""
        if not self._frozen:
            await response.write(part)

    async def end(self) -> None:
        """Wait, when frozen: the client going away cancels this."""
        if self._frozen:
            await asyncio.Event().wait()


def _break(request: web.BaseRequest) -> web.Response:
    """End the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


def _passed(headers: Any) -> CIMultiDict[str]:
    """Give the headers that travel from end to end."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)


def _refusal(refusals: Refusals) -> web.Response:
    headers = {} if refusals.retry_after is None else {"Retry-After": str(refusals.retry_after)}
    return web.Response(
        status=refusals.status, headers=headers, body=json.dumps(refusals.body()), content_type="application/json"
    )
