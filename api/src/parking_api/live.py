"""What happens as updates arrive and time passes: the table moves, and the clients are told.

One loop reads and applies, so the table is only ever touched on the event loop; one loop keeps time.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from parking.session import Session, SessionStatus
from parking_api.answers import Answers, exit_notification, record
from parking_api.fanout import Decisions, Fanout
from parking_api.intake import Batch, Status
from parking_api.view import LotView, Outcome
from parking_api.wire import Packet, Wire

DURATIONS_EVERY_SECONDS = 5.0
PUMP_EVERY_SECONDS = 0.02

log = logging.getLogger(__name__)


class Source(Protocol):
    """Where batches come from; it is used from a thread of its own."""

    def read(self) -> Batch:
        """Give what arrived, after waiting for a moment."""

    def close(self) -> None:
        """Let go of the connection."""


class Live:
    """Moves the table and tells the clients."""

    def __init__(self, *, view: LotView, answers: Answers, fanout: Fanout[Packet], wire: Wire) -> None:
        self._view = view
        self._answers = answers
        self._fanout = fanout
        self._wire = wire
        self._rebuilt = False
        self._snapshot: tuple[tuple[int, int], Packet] | None = None
        self.status = Status()
        self.failed = False
        """True after an error of our own: only a restart helps."""
        self.records = Counter[str]()
        """Records read, by what became of them."""

    async def run(self, source: Source) -> None:
        """Follow the source and the time until cancelled; then the source is closed."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow(source))
                tasks.create_task(self._keep_time())
        except Exception:
            log.exception("the gateway stopped")
            self.failed = True
            self.status = Status(reason="stopped because of an error in the gateway; see its log")

    async def _follow(self, source: Source) -> None:
        """Read and apply batches; reading blocks, hence the thread."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, thread_name_prefix="intake")
        try:
            while True:
                await self.apply(await loop.run_in_executor(thread, source.read))
        finally:
            thread.submit(source.close)
            thread.shutdown()

    async def _keep_time(self) -> None:
        """Every 5 s tell the durations of now; meanwhile let clients go on for whom messages wait."""
        loop = asyncio.get_running_loop()
        durations_at = loop.time() + DURATIONS_EVERY_SECONDS
        while True:
            await asyncio.sleep(PUMP_EVERY_SECONDS)
            if loop.time() >= durations_at:
                durations_at = loop.time() + DURATIONS_EVERY_SECONDS
                await self._broadcast(Packet("duration_update", self._answers.durations()))
            await self._act(self._fanout.pump(self._wire.room))

    async def apply(self, batch: Batch) -> None:
        """Take a batch into the table. What the topic held at the start is not news, so nobody is told of it."""
        self.status = batch.status
        updated = self._upsert(batch)
        if not batch.rebuilt:
            return
        if not self._rebuilt:
            self._rebuilt = True
            log.info("ready: %s", self._answers.statistics())
            await self._broadcast(self.snapshot())
        elif updated:
            await self._broadcast(*_news(updated), Packet("statistics_update", self._answers.statistics()))

    def snapshot(self) -> Packet:
        """The whole lot as of this second, encoded once however many clients ask for it."""
        moment = (int(self._answers.clock()), self._view.revision)
        if self._snapshot is None or self._snapshot[0] != moment:
            self._snapshot = (moment, Packet("initial_data", self._answers.snapshot()))
        return self._snapshot[1]

    async def join(self, client: str) -> None:
        """Welcome a client with the whole lot."""
        self._fanout.join(client)
        await self.send(client, self.snapshot())

    def leave(self, client: str) -> None:
        """Forget a client."""
        self._fanout.leave(client)

    async def send(self, client: str, packet: Packet) -> None:
        """Answer one client, after what already waits for it."""
        await self._act(self._fanout.send(client, packet, self._wire.room))

    def _upsert(self, batch: Batch) -> list[Session]:
        """Give the newest accepted update of each session, in order of arrival."""
        newest: dict[str, Session] = {}
        for session in batch.sessions:
            outcome = self._view.upsert(session)
            self.records[outcome] += 1
            if outcome is Outcome.UPDATED:
                newest.pop(session.session_id, None)
                newest[session.session_id] = session
        self.records["invalid"] += batch.invalid
        return list(newest.values())

    async def _broadcast(self, *packets: Packet) -> None:
        await self._act(self._fanout.broadcast(packets, self._wire.room))

    async def _act(self, decisions: Decisions[Packet]) -> None:
        for client, packets in decisions.send:
            await self._wire.push(client, packets)
        for client, reason in decisions.drop:
            log.info("client %s dropped: %s", client, reason)
            await self._wire.drop(client, reason)


def _news(updated: Iterable[Session]) -> Iterable[Packet]:
    for session in updated:
        yield Packet("parking_update", record(session), about=session.session_id)
        if session.status is not SessionStatus.ACTIVE:
            yield Packet("exit_notification", exit_notification(session), about=(session.session_id, session.version))
