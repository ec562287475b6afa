from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from parking_simulators.road.incidents import CRAWL, IN_SIGHT, JAM_AFTER, JAM_BEFORE, REMEMBERED, Incident, Incidents
from parking_simulators.times import SECOND, Time
from tests.support.cameras import START

HOUR = 3_600 * SECOND
LENGTH = 7_000.0
seeds, times = st.integers(0, 2**53), st.integers(-START, 2 * START)
distances = st.floats(0, LENGTH)


def incidents_of(day: Time, seed: int = 42) -> set[Incident]:
    all_of_them = Incidents(seed, LENGTH)
    return {i for n in range(24 * 12) for i in all_of_them.between(0, LENGTH, day + n * HOUR // 12)}


def looks(incident: Incident) -> Iterator[tuple[float, Time]]:
    for metres in (-1_400.0, -200.0, 0.0, 1_400.0):
        for time in (incident.begin, (incident.begin + incident.end) // 2, incident.end - 1):
            yield incident.distance + metres, time


@given(seeds, times, distances)
def test_whoever_looks_sees_the_same(seed: int, time: Time, distance: float) -> None:
    assert Incidents(seed, LENGTH).seen(distance, time) == Incidents(seed, LENGTH).seen(distance, time)


def test_all_near_an_incident_see_it_from_begin_to_end() -> None:
    alone = [i for i in incidents_of(START) if not any(_meet(i, other) for other in incidents_of(START) - {i})]
    everything = Incidents(42, LENGTH)
    assert len(alone) > 5
    for incident in alone:
        assert {everything.seen(*look) for look in looks(incident)} == {incident}
        assert everything.seen(incident.distance, incident.begin - 1) is None
        assert everything.seen(incident.distance, incident.end + REMEMBERED - 1) == incident
        assert everything.seen(incident.distance, incident.end + REMEMBERED) is None
        assert everything.seen(incident.distance + IN_SIGHT + 1, incident.begin) is None


def _meet(one: Incident, other: Incident) -> bool:
    near = abs(one.distance - other.distance) < 2 * IN_SIGHT + 10
    return near and one.begin - REMEMBERED <= other.end and other.begin <= one.end + 2 * REMEMBERED


def test_what_goes_on_is_told_before_what_is_over() -> None:
    everything, told = Incidents(1, LENGTH, likelihood=1.0), Counter[bool]()
    for minute in range(0, 24 * 60, 7):
        time = START + minute * 60 * SECOND
        near = [i for i in everything.between(2_000, 5_000, time) if i.active(time)]
        seen = everything.seen(3_500, time)
        told[bool(near)] += 1
        assert not near or seen == min(near, key=lambda i: abs(i.distance - 3_500))
    assert min(told.values()) > 5


@given(seeds, times, distances)
def test_an_incident_is_within_its_segment_and_slot(seed: int, time: Time, distance: float) -> None:
    for incident in Incidents(seed, LENGTH, likelihood=1.0).between(0, LENGTH, time):
        assert incident.segment * 1_000 <= incident.distance <= (incident.segment + 1) * 1_000
        assert 4 * 60 * SECOND <= incident.end - incident.begin <= 12 * 60 * SECOND
        assert incident.description
        later = incident.end + REMEMBERED - 1
        assert incident in set(Incidents(seed, LENGTH, likelihood=1.0).between(0, LENGTH, later))


def test_every_type_happens_and_not_always_somewhere() -> None:
    found = incidents_of(START) | incidents_of(START + 24 * HOUR)
    assert {incident.type for incident in found} == {"Accident", "Fire", "Medical", "Police"}
    assert 30 < len(found) < 200
    assert not list(Incidents(42, LENGTH, likelihood=0.0).between(0, LENGTH, START))


@given(distances)
def test_it_slows_traffic_before_it_and_lets_it_go_behind(distance: float) -> None:
    incident = Incident(3, 0, "Accident", 3_500.0, START, START + HOUR)
    allowed = incident.allowed(distance, START)
    assert allowed >= CRAWL
    assert (allowed == CRAWL) == (3_500 - JAM_BEFORE <= distance <= 3_500 + JAM_AFTER)
    assert incident.allowed(distance, START + HOUR) > 10**9
