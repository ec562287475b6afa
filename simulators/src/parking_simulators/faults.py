"""What cameras get wrong, decided for each report by its identity: the same report always fails the same way."""

from collections.abc import Iterator
from heapq import heappop, heappush

from parking.event import StatusCode
from parking.lot import Faults
from parking_simulators.draws import draws
from parking_simulators.report import Report
from parking_simulators.times import SECOND, Time

MAX_DELAY: Time = 5 * SECOND
"""How late a report may be sent, microseconds."""


def faulty(reports: Iterator[Report], faults: Faults, seed: int) -> Iterator[Report]:
    """Send one bay's reports with faults, ordered by the time at which they are sent."""
    waiting: list[Report] = []
    for report in reports:
        while waiting and waiting[0].at <= report.at:
            yield heappop(waiting)
        for copy in _copies(report, faults, seed):
            heappush(waiting, copy)


def _copies(report: Report, faults: Faults, seed: int) -> Iterator[Report]:
    """Give what is sent for one report: nothing, itself rightly or wrongly read, on time or late, or twice."""
    duplicate, disorder, misread, missed = draws(seed, b"fault", report.bay, report.slot, report.nth)
    if report.status is StatusCode.EXITING and missed < faults.missed_exits:
        return
    place, character, delay, second_delay = draws(seed, b"fault detail", report.bay, report.slot, report.nth)
    if misread < faults.misreads:
        report = report._replace(plate=_misread(report.plate, place, character), confidence=0.5)
    if disorder < faults.disorder:
        report = report._replace(at=report.at + int(delay * MAX_DELAY))
    yield report
    if duplicate < faults.duplicates:
        yield report._replace(at=report.time + int(second_delay * MAX_DELAY))


def _misread(plate: str, place: float, character: float) -> str:
    """Change one digit of a plate into another digit."""
    digits = [index for index, sign in enumerate(plate) if sign.isdigit()]
    index = digits[int(place * len(digits))]
    wrong = (int(plate[index]) + 1 + int(character * 9)) % 10
    return f"{plate[:index]}{wrong}{plate[index + 1 :]}"
