"""Errors of the domain: what was wrong, where, and what is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass


class ParkingError(Exception):
    """Base of every error this platform raises on purpose; its text is fit for a person."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: ``path`` in dotted form, the offending ``value``, and what is ``allowed``."""

    path: str
    value: object
    allowed: str

    def __str__(self) -> str:
        shown = repr(self.value)
        return f"{self.path}: {shown if len(shown) <= 80 else shown[:77] + '...'} is not allowed; {self.allowed}"


class InvalidInputError(ParkingError):
    """An input with one or more problems, all of them listed."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        super().__init__("\n  ".join([f"{subject} is not valid:", *map(str, self.problems)]))
