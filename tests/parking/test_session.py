import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.session import session_id

words = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), max_size=8)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (("central", "51A-123.45", "A7", 1_767_225_600), "2e1ec1a53783d266e5f0"),
        (("", "", "", 0), "e409138aeb5739aecf13"),
        (("bãi-xe", "Đ1", "P-17", 2**40), "ae1970fa6070b1205ebf"),
    ],
)
def test_ids_never_change(named: tuple[str, str, str, int], expected: str) -> None:
    """Consumers keep sessions by these ids: a change here breaks every stored table."""
    assert session_id(*named) == expected


@given(st.tuples(words, words, words, st.integers()), st.tuples(words, words, words, st.integers()))
def test_different_stays_have_different_ids(one: tuple[str, str, str, int], other: tuple[str, str, str, int]) -> None:
    assert (session_id(*one) == session_id(*other)) == (one == other)
