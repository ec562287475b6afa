"""Which turns of a lot's status become Events."""

from datetime import UTC, datetime

from parking_operator.cluster.events import event, notable
from parking_operator.status import ConditionType, LotStatus, Reason, Verdict, status_of
from tests.support.worlds import make_lot

NOW = datetime(2030, 1, 1, tzinfo=UTC)
FINE = Verdict(ready=True, reason=Reason.READY, message="up and running")


def status(verdict: Verdict, previous: LotStatus | None = None) -> LotStatus:
    told = {ConditionType.TOPICS_READY: FINE, ConditionType.CAMERAS_READY: verdict, ConditionType.READY: verdict}
    return status_of(make_lot(), told, gateway_url="", topics=(), previous=previous, now=NOW)


def not_ready(reason: Reason, message: str = "no") -> Verdict:
    return Verdict(ready=False, reason=reason, message=message)


def told(before: LotStatus | None, after: LotStatus) -> list[tuple[str, str, bool]]:
    return [(condition.type, condition.reason, trouble) for condition, trouble in notable(before, after)]


def test_every_turn_of_ready_is_told_and_trouble_of_every_component() -> None:
    starting = status(not_ready(Reason.PROGRESSING))
    assert told(None, starting) == [("Ready", "Progressing", False)]
    failing = status(not_ready(Reason.FAILING))
    assert told(starting, failing) == [("CamerasReady", "Failing", True), ("Ready", "Failing", True)]
    assert told(failing, status(FINE)) == [("Ready", "Ready", False)]


def test_other_words_for_the_same_are_not_told_again() -> None:
    before = status(not_ready(Reason.FAILING, "one"))
    assert told(before, status(not_ready(Reason.FAILING, "two"), before)) == []


def test_an_event_names_its_lot_and_is_not_too_long() -> None:
    built = event(make_lot(namespace="city"), Reason.FAILING, "x" * 5_000, trouble=True, now=NOW)
    assert (built["involvedObject"]["namespace"], built["involvedObject"]["name"]) == ("city", "central")
    assert (built["type"], built["reason"], built["firstTimestamp"]) == ("Warning", "Failing", "2030-01-01T00:00:00Z")
    assert len(built["message"]) == 1024, "the API server takes no more"
