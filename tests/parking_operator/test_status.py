"""Conditions keep their time until they turn; a status survives its JSON form."""

from datetime import UTC, datetime, timedelta, timezone

from parking_operator.status import ConditionType, LotStatus, Reason, Verdict, condition_of

KIND = ConditionType.GATEWAY_READY
START = datetime(2030, 1, 1, 12, tzinfo=UTC)
WAITING = Verdict(ready=False, reason=Reason.PROGRESSING, message="0 of 1")
FAILING = Verdict(ready=False, reason=Reason.FAILING, message="crashed")
DONE = Verdict(ready=True, reason=Reason.READY, message="")


def test_the_time_moves_only_when_the_condition_turns() -> None:
    first = condition_of(KIND, WAITING, previous=[], generation=1, now=START)
    second = condition_of(KIND, FAILING, previous=[first], generation=2, now=START + timedelta(hours=1))
    third = condition_of(KIND, DONE, previous=[second], generation=2, now=START + timedelta(hours=2))
    assert [c.last_transition_time for c in (first, second, third)] == [
        "2030-01-01T12:00:00Z",
        "2030-01-01T12:00:00Z",
        "2030-01-01T14:00:00Z",
    ]
    assert (second.reason, second.message, second.observed_generation) == (Reason.FAILING, "crashed", 2)


def test_times_are_told_in_utc() -> None:
    hanoi = timezone(timedelta(hours=7))
    told = condition_of(KIND, DONE, previous=[], generation=1, now=datetime(2030, 1, 1, 19, tzinfo=hanoi))
    assert told.last_transition_time == "2030-01-01T12:00:00Z"


def test_the_json_form_is_that_of_kubernetes_and_reads_back() -> None:
    condition = condition_of(KIND, DONE, previous=[], generation=4, now=START)
    status = LotStatus.model_validate(
        {
            "observedGeneration": 4,
            "conditions": [condition],
            "cameras": {"replicas": 6, "selector": "a=b"},
            "gateway": {"url": "http://x"},
        }
    )
    document = status.document()
    assert document["conditions"] == [
        {
            "type": "GatewayReady",
            "status": "True",
            "reason": "Ready",
            "message": "",
            "lastTransitionTime": "2030-01-01T12:00:00Z",
            "observedGeneration": 4,
        }
    ]
    assert LotStatus.model_validate(document) == status


def test_settled_means_ready_or_resting() -> None:
    resting = Verdict(ready=False, reason=Reason.SUSPENDED, message="")
    base = {"observedGeneration": 1, "cameras": {"replicas": 1, "selector": ""}, "gateway": {"url": ""}}
    for verdict, settled in ((DONE, True), (resting, True), (WAITING, False), (FAILING, False)):
        condition = condition_of(KIND, verdict, previous=[], generation=1, now=START)
        assert LotStatus.model_validate({**base, "conditions": [condition]}).is_settled is settled
