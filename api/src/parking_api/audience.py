"""Who wants to be told what: a client says it when it connects. Pure."""

from dataclasses import dataclass
from typing import Self

from pydantic import ValidationError

from parking.errors import InvalidInputError, Problem
from parking.model import problems_of
from parking_api.events import Subscription


@dataclass(frozen=True, slots=True)
class Audience:
    """Clients that are all told the same."""

    protocol: int = 1
    rows: frozenset[str] | None = None
    """Rows whose bays they hear of; None: of all bays, also of those that the lot had once."""

    @classmethod
    def of(cls, auth: object, known_rows: frozenset[str]) -> Self:
        """Read what a client sent as ``auth``; raises InvalidInputError.

        What is not an object with a protocol is not meant for us: older clients may send credentials or anything.
        """
        if not isinstance(auth, dict) or "protocol" not in auth:
            return cls()
        try:
            asked = Subscription.model_validate(auth)
        except ValidationError as error:
            raise InvalidInputError("auth", problems_of(error)) from error
        if asked.protocol == 1 or asked.rows is None:
            return cls(asked.protocol)
        if unknown := sorted(set(asked.rows) - known_rows):
            allowed = f"no such row; allowed: {', '.join(sorted(known_rows))}"
            raise InvalidInputError("auth", [Problem("rows", unknown[0], allowed)])
        return cls(asked.protocol, frozenset(asked.rows))

    def hears_of(self, row: str | None) -> bool:
        """Whether these clients want to know of a row's bays; None is the row of a bay that is no more."""
        return self.rows is None or row in self.rows
