from parking.errors import InvalidInputError, Problem


def test_a_problem_reads_path_value_allowed() -> None:
    assert str(Problem("spec.count", 0, "at least 1")) == "spec.count: 0 is not allowed; at least 1"


def test_a_missing_value_is_not_shown_as_python() -> None:
    assert str(Problem("spec", None, "required")) == "spec: nothing given; required"


def test_large_values_are_cut() -> None:
    for value in ("x" * 10_000, 1 << 100_000, [[0] * 1_000] * 1_000, {"a": "x" * 500}):
        assert len(str(Problem("p", value, "less"))) < 120


def test_all_problems_are_listed() -> None:
    error = InvalidInputError("ParkingLot x", [Problem("a", 1, "2"), Problem("b", 3, "4")])
    assert str(error) == "ParkingLot x is not valid:\n  a: 1 is not allowed; 2\n  b: 3 is not allowed; 4"
