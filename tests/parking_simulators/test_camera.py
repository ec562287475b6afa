from collections import defaultdict
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parking.documents import CamerasDocument, SimulatedCamera
from parking.event import CameraEvent, StatusCode
from parking_simulators.camera import Cameras
from parking_simulators.report import Report
from parking_simulators.times import SECOND
from tests.support.cameras import START, cameras_document

FAULTS = {"duplicates": 0.1, "disorder": 0.2, "missedExits": 0.3, "misreads": 0.1}
SPAN = 60 * SECOND
few = settings(max_examples=40)
documents = st.builds(
    cameras_document,
    bays=st.integers(1, 5),
    cameras=st.just(1),
    seed=st.integers(0, 2**53),
    event_interval=st.sampled_from(["700ms", "2s", "1m"]),
    exit_interval=st.sampled_from(["3s", "30s", "5m"]),
    timeout_seconds=st.integers(3, 60),
    faults=st.sampled_from([{}, FAULTS]),
)


def span(document: CamerasDocument, since: int = START, until: int = START + SPAN) -> list[Report]:
    return list(Cameras(document).reports(since, until))


@few
@given(documents)
def test_the_same_document_gives_the_same_reports(document: CamerasDocument) -> None:
    assert span(document) == span(document)


@few
@given(documents, st.lists(st.integers(START, START + SPAN), max_size=5))
def test_cutting_time_into_parts_changes_nothing(document: CamerasDocument, cuts: list[int]) -> None:
    borders = [START, *sorted(cuts), START + SPAN]
    parts = [span(document, since, until) for since, until in pairwise(borders)]
    assert [report for part in parts for report in part] == span(document)


@few
@given(documents, st.integers(1, 5))
def test_another_number_of_cameras_sees_the_same_cars(document: CamerasDocument, count: int) -> None:
    bays = len(document.all_bays)
    split = cameras_document(bays, min(count, bays)).cameras
    together = sorted(report for camera in split for report in span(document.model_copy(update={"cameras": (camera,)})))
    assert together == span(document)


@few
@given(documents)
def test_reports_are_ordered_by_the_time_they_are_sent(document: CamerasDocument) -> None:
    reports = span(document)
    assert reports == sorted(reports)
    assert all(START <= report.at < START + SPAN for report in reports)


@few
@given(documents.map(lambda document: document.model_copy(update={"faults": cameras_document().faults})))
def test_without_faults_no_car_is_silent_for_a_third_of_the_timeout(document: CamerasDocument) -> None:
    """... and each bay has one car at a time, which comes before it leaves."""
    by_bay = defaultdict(list)
    for report in span(document):
        by_bay[report.bay].append(report)
    for reports in by_bay.values():
        for earlier, later in pairwise(reports):
            if earlier.status is StatusCode.EXITING:
                assert later.status is StatusCode.ENTERING
                assert later.plate != earlier.plate
            else:
                assert later.plate == earlier.plate
                assert 3 * (later.time - earlier.time) <= document.timeout_seconds * SECOND


def test_an_event_as_it_stands_in_the_contract() -> None:
    cameras = Cameras(cameras_document(bays=12, cameras=3))
    report = Report(START + 5_999_999, 11, START + 1_500_000, 5, 1, StatusCode.PARKED, "51A-123.45", 0.93)
    assert cameras.event(report) == CameraEvent(
        timestamp="2026-01-01 00:00:01",
        timestamp_unix=1_767_225_601,
        license_plate="51A-123.45",
        location="A12",
        status_code=StatusCode.PARKED,
        lot="central",
        camera_id="camera-1",
        confidence=0.93,
    )


def test_a_silent_camera_sends_nothing() -> None:
    silent = SimulatedCamera(camera_id="camera-0", bays=("A1", "A2"), silent=True)
    seeing = SimulatedCamera(camera_id="camera-1", bays=("A3",))
    document = cameras_document(bays=3, cameras=1).model_copy(update={"cameras": (silent, seeing)})
    assert {report.bay for report in span(document)} == {2}
    assert Cameras(document).cars(START + SPAN) <= 1


@few
@given(st.integers(START, START + SPAN))
def test_farewell_ends_every_visit_that_was_begun(end: int) -> None:
    cameras = Cameras(cameras_document())
    reports = [*cameras.reports(START - 120 * SECOND, end), *cameras.farewell(end)]
    came = [report.plate for report in reports if report.status is StatusCode.ENTERING]
    left = [report.plate for report in reports if report.status is StatusCode.EXITING]
    assert len(left) == len(set(left))
    assert set(came) <= set(left)
    assert cameras.cars(end - 1) == len(list(cameras.farewell(end)))


def with_faults(**faults: float) -> tuple[list[Report], list[Report]]:
    fields: dict[str, Any] = {"bays": 20, "cameras": 1, "exit_interval": "10s"}
    return span(cameras_document(**fields)), span(cameras_document(**fields, faults=faults))


def test_duplicates_repeat_reports_a_little_later() -> None:
    clean, faulty = with_faults(duplicates=0.2)
    repeated = len(faulty) - len({report._replace(at=0) for report in faulty})
    assert 0.1 < repeated / len(clean) < 0.3


def test_disorder_sends_late_and_keeps_the_time_of_the_sighting() -> None:
    clean, faulty = with_faults(disorder=0.2)
    late = [report for report in faulty if report.at > report.time]
    assert 0.1 < len(late) / len(clean) < 0.3
    assert all(report.at - report.time <= 5 * SECOND for report in late)
    assert [report.time for report in faulty] != sorted(report.time for report in faulty)


def test_missed_exits_leave_out_exits_only() -> None:
    clean, faulty = with_faults(missedExits=0.5)
    missing = set(clean) - set(faulty)
    assert {report.status for report in missing} == {StatusCode.EXITING}
    assert 0.3 < len(missing) / sum(report.status is StatusCode.EXITING for report in clean) < 0.7


def test_a_misread_changes_one_character_of_one_sighting() -> None:
    clean, faulty = with_faults(misreads=0.2)
    pairs = list(zip(clean, faulty, strict=True))
    wrong = [(right.plate, read.plate) for right, read in pairs if right.plate != read.plate]
    assert 0.1 < len(wrong) / len(clean) < 0.3
    assert all(sum(a != b for a, b in zip(right, read, strict=True)) == 1 for right, read in wrong)
    assert all(right.time == read.time for right, read in pairs)
