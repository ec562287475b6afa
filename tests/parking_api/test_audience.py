import pytest

from parking.errors import InvalidInputError
from parking_api.audience import Audience

ROWS = frozenset({"A", "B"})


@pytest.mark.parametrize(
    "auth", [None, "token", 7, {}, {"token": "x"}, {"protocol": 1}, {"protocol": 1, "rows": ["A"]}]
)
def test_who_says_nothing_of_a_protocol_is_an_older_client(auth):
    assert Audience.of(auth, ROWS) == Audience(1)


def test_a_newer_client_hears_of_the_whole_lot_or_of_some_rows():
    assert Audience.of({"protocol": 2}, ROWS) == Audience(2)
    some = Audience.of({"protocol": 2, "rows": ["B", "B"], "more": 1}, ROWS)
    assert some == Audience(2, frozenset({"B"}))
    assert [some.hears_of(row) for row in ("A", "B", None)] == [False, True, False]
    assert all(Audience(2).hears_of(row) for row in ("A", None))


@pytest.mark.parametrize(
    ("auth", "told"),
    [
        ({"protocol": 3}, "protocol: 3 is not allowed"),
        ({"protocol": "2"}, "protocol: '2' is not allowed"),
        ({"protocol": None}, "protocol: nothing given"),
        ({"protocol": 2, "rows": "A"}, "rows: 'A' is not allowed"),
        ({"protocol": 2, "rows": ["A", "Z"]}, "rows: 'Z' is not allowed; no such row; allowed: A, B"),
        ({"protocol": 2, "rows": [1]}, "rows.0: 1 is not allowed"),
    ],
)
def test_what_makes_no_sense_is_named(auth, told):
    with pytest.raises(InvalidInputError, match="auth is not valid") as refused:
        Audience.of(auth, ROWS)
    assert told in str(refused.value)
