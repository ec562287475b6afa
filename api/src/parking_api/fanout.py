"""Who gets which messages when, so that a slow client never delays the others. Pure: no sockets, no clock of its own.

Each client belongs to an audience, all of which are told the same, and has a bounded mailbox. Whoever can take messages
gets them at once; for the others they wait, and of messages with the same key only the newest waits. Exit notifications
have keys of their own, so none is lost. A client with too much in its mailbox, or that took nothing of it for too long,
is dropped.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate, islice, takewhile
from typing import Generic, Protocol, TypeVar


class Keyed(Protocol):
    """A message for any number of clients. A newer one with the same key makes it superfluous."""

    @property
    def key(self) -> Hashable:
        """What the message is about."""

    @property
    def weight(self) -> int:
        """How many packets of the transport it takes."""


M = TypeVar("M", bound=Keyed)
A = TypeVar("A", bound=Hashable)

Room = Callable[[str], int]
"""How many packets a client can take right now; 0 while it is still busy with the last ones."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a client may lag."""

    messages: int = 5_000
    seconds: float = 10


@dataclass(slots=True)
class Mailbox(Generic[M]):
    """What waits for one client, oldest first."""

    since: float = 0
    """When it last was empty or something was taken out."""
    waiting: dict[Hashable, M] = field(default_factory=dict)

    def put(self, messages: Iterable[M], now: float) -> int:
        """Add messages and tell how many waiting ones they replaced.

        The replacement goes to the end: it may build on messages that came after the one it replaces.
        """
        if not self.waiting:
            self.since = now
        replaced = 0
        for message in messages:
            replaced += self.waiting.pop(message.key, None) is not None
            self.waiting[message.key] = message
        return replaced

    def take(self, most: int, now: float) -> tuple[M, ...]:
        """Take out the oldest messages, as far as their packets go."""
        self.since = now
        packets = accumulate(message.weight for message in self.waiting.values())
        fitting = sum(1 for _ in takewhile(lambda weight: weight <= most, packets))
        taken = tuple(islice(self.waiting.values(), fitting))
        for message in taken:
            del self.waiting[message.key]
        return taken

    def lag(self, limits: Limits, now: float) -> str | None:
        """Why this client lags too far, or None."""
        if len(self.waiting) > limits.messages:
            return f"more than {limits.messages} messages were waiting"
        if self.waiting and now - self.since > limits.seconds:
            return f"no message could be delivered for {limits.seconds:g} s"
        return None


@dataclass(slots=True)
class Decisions(Generic[M]):
    """What to do now: whom to send what, and whom to drop, why."""

    send: list[tuple[str, tuple[M, ...]]] = field(default_factory=list)
    drop: list[tuple[str, str]] = field(default_factory=list)


class Fanout(Generic[M, A]):
    """The mailboxes of all clients, by audience."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._audiences: dict[A, dict[str, Mailbox[M]]] = {}
        self._audience_of: dict[str, A] = {}
        self.coalesced = 0
        self.dropped = 0

    @property
    def clients(self) -> int:
        """Number of clients."""
        return len(self._audience_of)

    @property
    def waiting(self) -> int:
        """Number of messages that wait, of all clients."""
        return sum(len(mailbox.waiting) for members in self._audiences.values() for mailbox in members.values())

    @property
    def audiences(self) -> tuple[A, ...]:
        """The audiences that have clients."""
        return tuple(self._audiences)

    def audience_of(self, client: str) -> A | None:
        """Give a client's audience; None when the client is not there."""
        return self._audience_of.get(client)

    def join(self, client: str, audience: A) -> None:
        """Add a client; harmless when it is there already."""
        if client not in self._audience_of:
            self._audience_of[client] = audience
            self._audiences.setdefault(audience, {})[client] = Mailbox()

    def leave(self, client: str) -> None:
        """Forget a client and what waits for it."""
        if client not in self._audience_of:
            return
        audience = self._audience_of.pop(client)
        members = self._audiences[audience]
        del members[client]
        if not members:
            del self._audiences[audience]

    def broadcast(self, audience: A, messages: tuple[M, ...], room: Room) -> Decisions[M]:
        """Share messages out to an audience. All who are up to date get the very same tuple, to be encoded once."""
        members = self._audiences.get(audience, {}) if messages else {}
        return self._share(members.items(), messages, room)

    def send(self, client: str, messages: tuple[M, ...], room: Room) -> Decisions[M]:
        """Give messages to one client, after what already waits for it."""
        if client not in self._audience_of:
            return Decisions()
        mailbox = self._audiences[self._audience_of[client]][client]
        return self._share([(client, mailbox)], messages, room)

    def pump(self, room: Room) -> Decisions[M]:
        """Let those go on for whom messages wait."""
        waiting = [pair for members in self._audiences.values() for pair in members.items() if pair[1].waiting]
        return self._share(waiting, (), room)

    def _share(self, mailboxes: Iterable[tuple[str, Mailbox[M]]], messages: tuple[M, ...], room: Room) -> Decisions[M]:
        now = self._clock()
        decisions = Decisions[M]()
        packets = sum(message.weight for message in messages)
        for client, mailbox in mailboxes:
            most = room(client)
            if not mailbox.waiting and packets <= most:
                decisions.send.append((client, messages))
                continue
            self.coalesced += mailbox.put(messages, now)
            if most:
                decisions.send.append((client, mailbox.take(most, now)))
            if reason := mailbox.lag(self._limits, now):
                decisions.drop.append((client, reason))
        for client, _ in decisions.drop:
            self.dropped += 1
            self.leave(client)
        return decisions
