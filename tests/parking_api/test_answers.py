from parking.session import Session
from parking.tariff import Tariff
from parking_api.answers import Answers, exit_notification, record
from parking_api.view import LotView
from tests.support.live_gateway import BAYS, LOT, ended, session

START = 1_795_341_600


def answers_of(*updates: Session, now: float) -> Answers:
    view = LotView(lot=LOT, bays=BAYS)
    for update in updates:
        view.upsert(update)
    return Answers(view, Tariff(), lambda: now)


def test_durations_and_costs_of_open_sessions_are_of_now():
    answers = answers_of(session("51A-1", "A2", start=START, end_time=START + 5, duration=5), now=START + 601.9)
    (active,) = answers.active_sessions()
    frozen = {
        "license_plate": "51A-1",
        "location": "A2",
        "start_time": START,
        "duration": 601,
        "cost": 20_000,
        "status": "ACTIVE",
    }
    assert active.items() >= frozen.items()


def test_a_clock_behind_the_cameras_never_makes_a_stay_shorter_than_recorded():
    answers = answers_of(session(start=START, end_time=START + 50, duration=50), now=START - 10)
    assert answers.active_sessions()[0]["duration"] == 50


def test_the_five_counters():
    gone = session("51A-2", "A3", start=START)
    answers = answers_of(session(start=START), session("51A-3", "Z9", start=START), gone, ended(gone), now=START)
    assert answers.statistics() == {
        "total_locations": 5,
        "busy_count": 1,
        "free_count": 4,
        "active_sessions": 2,
        "closed_sessions_total": 1,
    }
    assert answers.status() == {"status": "running", "lot": LOT} | answers.statistics()


def test_a_bay_is_asked_for_in_any_case():
    answers = answers_of(session("51A-1", "A2", start=START), now=START + 60)
    occupied = answers.location(" a2 ")
    assert occupied is not None
    assert (
        occupied.items()
        >= {
            "status": "OCCUPIED",
            "location": "A2",
            "license_plate": "51A-1",
            "start_time": START,
            "duration": 60,
            "cost": 10_000,
        }.items()
    )
    assert answers.location("b1") == {
        "status": "FREE",
        "location": "B1",
        "license_plate": None,
        "start_time": None,
        "duration": None,
        "cost": None,
    }
    assert answers.location("Z9") is None


def test_the_snapshot_is_the_whole_lot():
    snapshot = answers_of(session(start=START), now=START).snapshot()
    assert set(snapshot) == {"active_sessions", "statistics", "free_locations", "busy_locations"}
    assert (snapshot["free_locations"], snapshot["busy_locations"]) == (["A2", "A3", "B1", "B2"], ["A1"])


def test_closed_sessions_are_whole_records():
    closed = ended(session(start=START))
    assert answers_of(closed, now=START).closed_sessions(10) == [record(closed)]
    assert set(record(closed)) == set(Session.model_fields)


def test_an_exit_is_told_in_the_frozen_shape():
    told = exit_notification(ended(session("51A-1", "A2", start=START), after=601))
    assert (
        told.items()
        >= {
            "type": "EXIT",
            "license_plate": "51A-1",
            "location": "A2",
            "duration": 601,
            "cost": 20_000,
            "timestamp": START + 601,
            "message": "51A-1 left A2: 601 s, 20000 VND",
        }.items()
    )


def test_a_car_lost_from_sight_is_told_as_such():
    told = exit_notification(ended(session("51A-1", "A2", start=START), status="TIMEOUT"))
    assert (told["type"], told["status"]) == ("EXIT", "TIMEOUT")
    assert told["message"].startswith("51A-1 is no longer seen at A2")
