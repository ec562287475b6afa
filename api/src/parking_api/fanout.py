"""Who gets which messages when, so that a slow client never delays the others. Pure: no sockets, no clock of its own.

Each client has a bounded mailbox. Whoever can take messages gets them at once; for the others they wait, and of
messages with the same key only the newest waits. Exit notifications have keys of their own, so none is lost. A client
with too much in its mailbox, or that took nothing of it for too long, is dropped.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, Protocol, TypeVar


class Keyed(Protocol):
    """A message for any number of clients. A newer one with the same key makes it superfluous."""

    @property
    def key(self) -> Hashable:
        """What the message is about."""


M = TypeVar("M", bound=Keyed)

Room = Callable[[str], int]
"""How many messages a client can take right now; 0 while it is still busy with the last ones."""


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
        """Take out the oldest messages."""
        self.since = now
        taken = tuple(islice(self.waiting.values(), most))
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


class Fanout(Generic[M]):
    """The mailboxes of all clients."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._mailboxes: dict[str, Mailbox[M]] = {}
        self.coalesced = 0
        self.dropped = 0

    @property
    def clients(self) -> int:
        """Number of clients."""
        return len(self._mailboxes)

    @property
    def waiting(self) -> int:
        """Number of messages that wait, of all clients."""
        return sum(len(mailbox.waiting) for mailbox in self._mailboxes.values())

    def join(self, client: str) -> None:
        """Add a client; harmless when it is there already."""
        self._mailboxes.setdefault(client, Mailbox())

    def leave(self, client: str) -> None:
        """Forget a client and what waits for it."""
        self._mailboxes.pop(client, None)

    def broadcast(self, messages: tuple[M, ...], room: Room) -> Decisions[M]:
        """Share messages out to all clients. All who are up to date get the very same tuple, to be encoded once."""
        return self._share(self._mailboxes.items() if messages else (), messages, room)

    def send(self, client: str, message: M, room: Room) -> Decisions[M]:
        """Give a message to one client, after what already waits for it."""
        mailbox = self._mailboxes.get(client)
        return self._share([(client, mailbox)] if mailbox else (), (message,), room)

    def pump(self, room: Room) -> Decisions[M]:
        """Let those go on for whom messages wait."""
        waiting = [(client, mailbox) for client, mailbox in self._mailboxes.items() if mailbox.waiting]
        return self._share(waiting, (), room)

    def _share(self, mailboxes: Iterable[tuple[str, Mailbox[M]]], messages: tuple[M, ...], room: Room) -> Decisions[M]:
        now = self._clock()
        decisions = Decisions[M]()
        for client, mailbox in mailboxes:
            most = room(client)
            if not mailbox.waiting and len(messages) <= most:
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
