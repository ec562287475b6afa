"""Cameras against a clock that only sleeping moves."""

from collections.abc import Callable

from parking.event import CameraEvent, StatusCode
from parking_simulators.camera import Cameras
from parking_simulators.live import MAX_BEHIND, Live
from parking_simulators.times import SECOND, Time
from tests.support.cameras import START, FakeClock, cameras_document

Sent = list[tuple[Time, CameraEvent]]


def live(clock: FakeClock, meanwhile: Callable[[], None] = lambda: None) -> tuple[Live, Sent]:
    sent: Sent = []

    def send(plate: str, value: str) -> None:
        event = CameraEvent.model_validate_json(value)
        assert event.license_plate == plate
        sent.append((clock.now(), event))

    return Live(Cameras(cameras_document()), clock, send, meanwhile), sent


def test_events_are_sent_when_they_are_due_until_the_program_should_end() -> None:
    clock = FakeClock(stop_at=START + 30 * SECOND)
    cameras, sent = live(clock)
    cameras.run(None)
    assert not cameras.ended
    assert clock.now() <= START + 31 * SECOND
    reports = list(Cameras(cameras_document()).reports(START, START + 29 * SECOND))
    assert [Cameras(cameras_document()).event(report) for report in reports] == [
        event for _, event in sent[: len(reports)]
    ]
    assert all(0 <= at - report.at <= SECOND // 40 for (at, _), report in zip(sent, reports, strict=False))


def test_at_the_planned_end_every_car_leaves() -> None:
    clock = FakeClock(stop_at=START + 3_600 * SECOND)
    cameras, sent = live(clock)
    cameras.run(2)
    assert cameras.ended
    assert cameras.cars() == 0
    assert START + 120 * SECOND <= clock.now() < START + 121 * SECOND
    last = {event.license_plate: event for _, event in sent}
    assert all(event.status_code is StatusCode.EXITING for event in last.values())
    assert sum(cameras.sent.values()) == len(sent)


def test_cameras_that_were_asleep_go_on_from_now() -> None:
    clock = FakeClock(stop_at=START + 4_000 * SECOND)
    cameras, sent = live(clock, meanwhile=lambda: _sleep_once(clock))
    cameras.run(None)
    gaps = [(at - event.timestamp_unix * SECOND) / SECOND for at, event in sent]
    assert max(gaps) < MAX_BEHIND / SECOND
    assert cameras.skipped > 3_500 * SECOND
    assert any(at > START + 3_700 * SECOND for at, _ in sent)


def _sleep_once(clock: FakeClock) -> None:
    if START + 10 * SECOND < clock.time < START + 20 * SECOND:
        clock.time = START + 3_600 * SECOND
