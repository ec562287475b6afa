"""What parking costs. The job prices each update with it, the gateway the live quote."""

from typing import Annotated, NamedTuple, TypeVar

from pydantic import Field

from parking.model import Model

Whole = TypeVar("Whole")
"""An int, or an array of ints that follows Python's arithmetic (numpy)."""


class FeeStep(NamedTuple):
    """Blocks of one price, and what they come to."""

    blocks: int
    block_seconds: int
    block_price: int
    amount: int


class Tariff(Model):
    """Price per started block of time, in whole units of ``currency``."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of the currency")] = "VND"
    block_seconds: Annotated[int, Field(ge=1, le=86_400, description="Length of a block in seconds")] = 600
    block_price: Annotated[int, Field(ge=0, le=10**9, description="Price of each started block")] = 10_000

    def cost(self, duration: Whole) -> Whole:
        """Price ``duration`` seconds (an int or an array of ints, ≥ 0): every started block is paid in full."""
        return -(-duration // self.block_seconds) * self.block_price  # type: ignore[operator,no-any-return]

    def steps(self, duration: int) -> tuple[FeeStep, ...]:
        """Explain the price of ``duration`` seconds (≥ 0): the amounts add up to its cost."""
        if not (blocks := -(-duration // self.block_seconds)):
            return ()
        amount = blocks * self.block_price
        return (FeeStep(blocks, self.block_seconds, self.block_price, amount),)

    def next_step(self, duration: int) -> int:
        """Give the duration in seconds, greater than ``duration``, from which on the price is a higher one."""
        return -(-duration // self.block_seconds) * self.block_seconds + 1
