import re

from hypothesis import given
from hypothesis import strategies as st

from parking.plate import normalise_plate
from parking_simulators.plates import SPACE, plate

seeds = st.integers(0, 2**53)


@given(seeds, st.integers(-(10**12), 10**12))
def test_plates_look_vietnamese_and_are_in_their_one_spelling(seed: int, number: int) -> None:
    shown = plate(seed, number)
    assert re.fullmatch(r"[1-9][0-9][A-HK-NPS-VX-Z]-[0-9]{3}\.[0-9]{2}", shown)
    assert normalise_plate(shown) == shown


@given(seeds, st.integers(-(10**12), 10**12), st.integers(1, SPACE - 1))
def test_plates_differ_within_the_whole_space(seed: int, number: int, distance: int) -> None:
    assert plate(seed, number) != plate(seed, number + distance)
    assert plate(seed, number) == plate(seed, number + SPACE)


def test_no_plate_twice_in_a_long_span() -> None:
    assert len({plate(42, number) for number in range(20_000)}) == 20_000


def test_the_seed_decides_the_plates() -> None:
    assert plate(1, 7) != plate(2, 7)


def test_plates_never_change() -> None:
    assert [plate(42, number) for number in (0, 1, SPACE - 1)] == ["53F-851.85", "45T-057.36", "86P-539.02"]
