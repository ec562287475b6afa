import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parking.plate import normalise_plate


@pytest.mark.parametrize(
    ("seen", "plate"),
    [
        ("51a-123.45", "51A-123.45"),
        ("  51A   123 45\t", "51A 123 45"),
        ("\uff15\uff11\uff21\uff0d\uff11\uff12\uff13\uff0e\uff14\uff15", "51A-123.45"),  # full width
        (" \u00a0\t", ""),
        ("đ1", "Đ1"),
    ],
)
def test_one_spelling(seen: str, plate: str) -> None:
    assert normalise_plate(seen) == plate


@given(st.text())
@example("ΐ")  # upper() takes it apart into letters that NFKC partly joins again
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_plate(text)
    assert normalise_plate(once) == once
