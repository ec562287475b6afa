from hypothesis import given, settings
from hypothesis import strategies as st

from parking_simulators.plates import SPACE
from parking_simulators.road.fleet import Fleet
from parking_simulators.road.vehicle import vehicle
from parking_simulators.times import SECOND, Time
from tests.parking_simulators.road.support import SHORT, road
from tests.support.cameras import START

FLEET = Fleet(42, road(), 20)
numbers = st.integers(-(10**9), 10**9)
recent = st.integers(0, 100_000).map(lambda n: FLEET.slot_at(START) + n)
times = st.integers(START, START + 10**12)


@given(numbers)
def test_each_vehicle_departs_in_its_slot(number: int) -> None:
    assert number <= FLEET.departure(number) / FLEET.slot_length < number + 1
    assert FLEET.slot_at(FLEET.departure(number)) == number


@settings(max_examples=15)
@given(recent)
def test_no_journey_is_faster_or_slower_than_is_possible(number: int) -> None:
    assert FLEET.fastest < FLEET.arrival(number) - FLEET.departure(number) < FLEET.slowest
    assert FLEET.journey(number) == Fleet(42, road(), 20).journey(number)


@settings(max_examples=4)
@given(times)
def test_those_on_the_way_have_departed_and_not_arrived(time: Time) -> None:
    there = FLEET.on_the_way(time)
    around = range(FLEET.slot_at(time) - 200, FLEET.slot_at(time) + 2)
    assert there == [n for n in around if FLEET.departure(n) <= time < FLEET.arrival(n)]


def test_about_as_many_as_asked_for_are_on_the_way() -> None:
    for size, looks in ((1, 200), (50, 12)):
        fleet = Fleet(42, road(route=SHORT), size)
        counts = [len(fleet.on_the_way(START + n * 7_777 * SECOND)) for n in range(looks)]
        assert 0.85 * size < sum(counts) / len(counts) < 1.15 * size


@given(numbers)
def test_a_vehicle_is_one_that_was_built(number: int) -> None:
    one = vehicle(42, number)
    assert one == vehicle(42, number)
    assert one.model != "VF 8" or (one.make, one.fuel_type) == ("VinFast", "Electric")
    assert one.fuel_type != "Electric" or (one.make == "VinFast" and one.year >= 2021)
    assert one.model != "Transit" or (one.make, one.fuel_type, one.vehicle_type) == ("Ford", "Diesel", "delivery")
    assert 0.8 <= one.pace <= 1.1
    assert one.device_id == "veh-" + one.plate.replace("-", "").replace(".", "")


@given(numbers, st.integers(1, SPACE - 1))
def test_vehicles_differ_in_plate_and_device(number: int, further: int) -> None:
    assert vehicle(42, number).device_id != vehicle(42, number + further).device_id


def test_vehicles_vary() -> None:
    some = [vehicle(7, number) for number in range(300)]
    assert len({one.model for one in some}) == 12
    assert {one.vehicle_type for one in some} == {"private", "taxi", "delivery"}
    assert {one.fuel_type for one in some} == {"Petrol", "Diesel", "Electric", "Hybrid"}
