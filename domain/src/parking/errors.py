"""Errors of the domain: what was wrong, where, and what is allowed."""

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass


class ParkingError(Exception):
    """Base of every error this platform raises on purpose; its text is fit for a person."""


class _Short(reprlib.Repr):
    """Shows the beginning of any value, however large or deeply nested."""

    def repr_int(self, x: int, level: int) -> str:
        return super().repr_int(x, level) if x.bit_length() < 200 else "a number of more than 60 digits"


_short = _Short()
_short.maxstring = _short.maxother = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: ``path`` in dotted form, the offending ``value``, and what is ``allowed``.

    The value None stands for a field that is missing or empty.
    """

    path: str
    value: object
    allowed: str

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.path}: nothing given; {self.allowed}"
        shown = _short.repr(self.value)
        return f"{self.path}: {shown if len(shown) <= 80 else shown[:77] + '...'} is not allowed; {self.allowed}"


class InvalidInputError(ParkingError):
    """An input with one or more problems, all of them listed."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        super().__init__("\n  ".join([f"{subject} is not valid:", *map(str, self.problems)]))
