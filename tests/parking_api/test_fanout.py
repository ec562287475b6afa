from collections.abc import Hashable
from dataclasses import dataclass

import pytest

from parking_api.fanout import Decisions, Fanout, Limits


@dataclass(frozen=True)
class Note:
    key: Hashable
    text: str = ""
    weight: int = 1


class Clients:
    """Says how much each client can take."""

    def __init__(self) -> None:
        self.rooms: dict[str, int] = {}

    def __call__(self, client: str) -> int:
        return self.rooms.get(client, 100)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def fanout(now: list[float]) -> Fanout[Note, str]:
    made = Fanout[Note, str](Limits(messages=3, seconds=10), lambda: now[0])
    made.join("fast", "all")
    made.join("slow", "all")
    return made


def told(decisions: Decisions[Note], client: str) -> list[str]:
    return [note.text for to, notes in decisions.send if to == client for note in notes]


def test_all_who_are_up_to_date_get_the_very_same_messages(fanout):
    notes = (Note("a", "a1"), Note("b", "b1"))
    decisions = fanout.broadcast("all", notes, Clients())
    assert [to for to, _ in decisions.send] == ["fast", "slow"]
    assert all(given is notes for _, given in decisions.send)


def test_who_is_busy_waits_and_delays_nobody(fanout):
    clients = Clients()
    clients.rooms["slow"] = 0
    assert told(fanout.broadcast("all", (Note("a", "a1"),), clients), "fast") == ["a1"]
    assert told(fanout.pump(clients), "slow") == []
    clients.rooms["slow"] = 100
    assert told(fanout.pump(clients), "slow") == ["a1"]
    assert fanout.pump(clients).send == []


def test_the_newest_of_a_key_waits_at_the_end(fanout):
    clients = Clients()
    clients.rooms["slow"] = 0
    for note in (Note("a", "a1"), Note("b", "b1"), Note("a", "a2")):
        fanout.broadcast("all", (note,), clients)
    clients.rooms["slow"] = 100
    assert told(fanout.pump(clients), "slow") == ["b1", "a2"]
    assert fanout.coalesced == 1


def test_messages_with_keys_of_their_own_stay_in_order(fanout):
    clients = Clients()
    clients.rooms["slow"] = 0
    for number in range(3):
        fanout.broadcast("all", (Note(("exit", number), f"exit {number}"),), clients)
    clients.rooms["slow"] = 100
    assert told(fanout.pump(clients), "slow") == ["exit 0", "exit 1", "exit 2"]


def test_an_answer_comes_after_what_already_waits(fanout):
    clients = Clients()
    clients.rooms["slow"] = 0
    fanout.broadcast("all", (Note("a", "a1"),), clients)
    clients.rooms["slow"] = 100
    assert told(fanout.send("slow", (Note("answer", "yes"),), clients), "slow") == ["a1", "yes"]
    assert told(fanout.send("fast", (Note("answer", "yes"),), clients), "fast") == ["yes"]


def test_a_client_gets_no_more_than_it_can_take(fanout):
    clients = Clients()
    clients.rooms["slow"] = 2
    notes = tuple(Note(n, str(n)) for n in range(3))
    assert told(fanout.broadcast("all", notes, clients), "slow") == ["0", "1"]
    assert fanout.waiting == 1
    assert told(fanout.pump(clients), "slow") == ["2"]


def test_too_much_waiting_drops_the_client_and_nobody_else(fanout):
    clients = Clients()
    clients.rooms["slow"] = 0
    decisions = fanout.broadcast("all", tuple(Note(n) for n in range(4)), clients)
    assert decisions.drop == [("slow", "more than 3 messages were waiting")]
    assert (fanout.clients, fanout.dropped, fanout.waiting) == (1, 1, 0)


def test_waiting_too_long_drops_the_client(fanout, now):
    clients = Clients()
    clients.rooms["slow"] = 0
    fanout.broadcast("all", (Note("a"),), clients)
    now[0] = 10
    assert fanout.pump(clients).drop == []
    now[0] = 10.1
    assert fanout.pump(clients).drop == [("slow", "no message could be delivered for 10 s")]


def test_progress_restarts_the_patience(fanout, now):
    clients = Clients()
    clients.rooms["slow"] = 1
    fanout.broadcast("all", (Note("a"), Note("b"), Note("c")), clients)
    now[0] = 9
    fanout.pump(clients)
    clients.rooms["slow"] = 0
    now[0] = 15
    assert fanout.pump(clients).drop == []


def test_who_left_gets_nothing(fanout):
    fanout.leave("slow")
    fanout.leave("slow")
    assert [to for to, _ in fanout.broadcast("all", (Note("a"),), Clients()).send] == ["fast"]
    assert fanout.send("slow", (Note("a"),), Clients()).send == []


def test_joining_twice_keeps_what_waits(fanout):
    clients = Clients()
    clients.rooms["slow"] = 0
    fanout.broadcast("all", (Note("a"),), clients)
    fanout.join("slow", "all")
    assert fanout.waiting == 1


def test_nothing_to_say_is_not_said(fanout):
    assert fanout.broadcast("all", (), Clients()).send == []


def test_each_audience_is_told_its_own(fanout):
    fanout.join("other", "few")
    assert set(fanout.audiences) == {"all", "few"}
    assert [to for to, _ in fanout.broadcast("few", (Note("a"),), Clients()).send] == ["other"]
    fanout.leave("other")
    assert (fanout.audiences, fanout.audience_of("other")) == (("all",), None)
    assert fanout.broadcast("few", (Note("a"),), Clients()).send == []


def test_messages_of_several_packets_count_for_as_many(fanout):
    clients = Clients()
    clients.rooms["slow"] = 3
    notes = (Note("a", "a", 2), Note("b", "b", 2), Note("c", "c", 1))
    assert told(fanout.broadcast("all", notes, clients), "slow") == ["a"]
    assert told(fanout.pump(clients), "slow") == ["b", "c"]
