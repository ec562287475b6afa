from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.quantity import format_duration, parse_duration


@given(st.integers(0, 999_999_999).map(lambda seconds: timedelta(seconds=seconds)))
def test_durations_survive_being_written_and_read(value: timedelta) -> None:
    assert parse_duration(format_duration(value)) == value


@given(st.integers(0, 999_999_999), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_equal_durations_have_one_text(number: int, unit: str) -> None:
    text = format_duration(parse_duration(f"{number}{unit}"))
    assert format_duration(parse_duration(text)) == text


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("500ms", 500), ("2s", 2_000), ("5m", 300_000), ("12h", 43_200_000), ("7d", 604_800_000), ("0s", 0)],
)
def test_units(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == timedelta(milliseconds=milliseconds)
    assert format_duration(parse_duration(text)) == text


def test_the_largest_fitting_unit_is_written() -> None:
    assert [format_duration(parse_duration(text)) for text in ("90s", "120s", "24h", "1500ms")] == [
        "90s",
        "2m",
        "1d",
        "1500ms",
    ]


@pytest.mark.parametrize(
    "wrong", ["", "2", 2, 2.5, None, True, "2 s", "-2s", "1.5s", "2S", "2s\n", "٢s", "9999999999s"]
)
def test_anything_else_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="whole number with a unit"):
        parse_duration(wrong)
