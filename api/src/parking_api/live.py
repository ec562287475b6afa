"""What happens as updates arrive and time passes: the table moves, and the clients are told.

One loop reads and applies, so the table is only ever touched on the event loop; one loop keeps time.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from parking.session import Session, SessionStatus
from parking_api.answers import Answers, exit_notification, record
from parking_api.audience import Audience
from parking_api.events import Pulse
from parking_api.fanout import Decisions, Fanout
from parking_api.intake import Batch, Status
from parking_api.snapshots import Snapshots
from parking_api.view import Outcome
from parking_api.wire import Packet, Wire

DURATIONS_EVERY_SECONDS = 5.0
PULSE_EVERY_SECONDS = 2.0
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

    def __init__(
        self, *, answers: Answers, row_of: Mapping[str, str], fanout: Fanout[Packet, Audience], wire: Wire
    ) -> None:
        self._view = answers.view
        self._answers = answers
        self._row_of = row_of
        self._fanout = fanout
        self._wire = wire
        self._snapshots = Snapshots(answers, row_of)
        self._rebuilt = False
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
        """Tell every 5 s the durations of now, every 2 s that we are there; let clients that wait go on."""
        loop = asyncio.get_running_loop()
        durations_at = loop.time() + DURATIONS_EVERY_SECONDS
        pulse_at = loop.time() + PULSE_EVERY_SECONDS
        while True:
            await asyncio.sleep(PUMP_EVERY_SECONDS)
            if loop.time() >= durations_at:
                durations_at = loop.time() + DURATIONS_EVERY_SECONDS
                await self._broadcast(1, lambda: Packet("duration_update", self._answers.durations()))
            if loop.time() >= pulse_at:
                pulse_at = loop.time() + PULSE_EVERY_SECONDS
                await self._broadcast(2, self._pulse)
            await self._act(self._fanout.pump(self._wire.room))

    async def apply(self, batch: Batch) -> None:
        """Take a batch into the table. What the topic held at the start is not news, so nobody is told of it."""
        was_ready, self.status = self.status.ready, batch.status
        updated = self._upsert(batch)
        if batch.rebuilt and not self._rebuilt:
            self._rebuilt = True
            log.info("ready: %s", self._answers.statistics())
            for audience in self._fanout.audiences:
                await self._share(audience, self._snapshots.of(audience))
        elif batch.rebuilt and updated:
            await self._tell(updated)
        if was_ready is not self.status.ready:
            await self._broadcast(2, self._pulse)

    async def join(self, client: str, audience: Audience) -> None:
        """Welcome a client with the whole lot."""
        self._fanout.join(client, audience)
        await self.welcome(client)

    async def welcome(self, client: str) -> None:
        """Send a client the whole lot as of this second."""
        if audience := self._fanout.audience_of(client):
            await self.send(client, *self._snapshots.of(audience), *([self._pulse()] if audience.protocol == 2 else []))

    def leave(self, client: str) -> None:
        """Forget a client."""
        self._fanout.leave(client)

    async def send(self, client: str, *packets: Packet) -> None:
        """Answer one client, after what already waits for it."""
        await self._act(self._fanout.send(client, packets, self._wire.room))

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

    async def _tell(self, updated: Iterable[Session]) -> None:
        """Tell each audience what concerns it, of what has changed."""
        updates = [
            (session, Packet("parking_update", record(session), about=session.session_id)) for session in updated
        ]
        statistics = Packet("statistics_update", self._answers.statistics())
        for audience in self._fanout.audiences:
            await self._share(audience, (*self._news(audience, updates), statistics))

    def _news(self, audience: Audience, updates: Iterable[tuple[Session, Packet]]) -> Iterable[Packet]:
        for session, update in updates:
            if not audience.hears_of(self._row_of.get(session.location)):
                continue
            yield update
            if audience.protocol == 1 and session.status is not SessionStatus.ACTIVE:
                about = (session.session_id, session.version)
                yield Packet("exit_notification", exit_notification(session), about=about)

    def _pulse(self) -> Packet:
        now, status = self._answers.clock(), self.status
        told = Pulse(
            now=int(now * 1_000),
            ready=status.ready,
            reason=status.reason,
            lag=status.lag,
            newest_arrival=self._view.newest_arrival,
        )
        return Packet("pulse", told.model_dump())

    async def _broadcast(self, protocol: int, make: Callable[[], Packet]) -> None:
        """Tell all clients of a protocol, if there are any."""
        audiences = [audience for audience in self._fanout.audiences if audience.protocol == protocol]
        packets = (make(),) if audiences else ()
        for audience in audiences:
            await self._share(audience, packets)

    async def _share(self, audience: Audience, packets: tuple[Packet, ...]) -> None:
        await self._act(self._fanout.broadcast(audience, packets, self._wire.room))

    async def _act(self, decisions: Decisions[Packet]) -> None:
        for client, packets in decisions.send:
            await self._wire.push(client, packets)
        for client, reason in decisions.drop:
            log.info("client %s dropped: %s", client, reason)
            await self._wire.drop(client, reason)
