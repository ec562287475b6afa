"""What parking costs. The job prices each update with it, the gateway the live quote."""

from typing import Annotated, TypeVar

from pydantic import Field

from parking.model import Model

Whole = TypeVar("Whole")
"""An int, or an array of ints that follows Python's arithmetic (numpy)."""


class Tariff(Model):
    """Price per started block of time, in whole units of ``currency``."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of the currency")] = "VND"
    block_seconds: Annotated[int, Field(ge=1, le=86_400, description="Length of a block in seconds")] = 600
    block_price: Annotated[int, Field(ge=0, le=10**9, description="Price of each started block")] = 10_000

    def cost(self, duration: Whole) -> Whole:
        """Price ``duration`` seconds (an int or an array of ints, ≥ 0): every started block is paid in full."""
        return -(-duration // self.block_seconds) * self.block_price  # type: ignore[operator,no-any-return]
