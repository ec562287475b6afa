import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from parking.tariff import Tariff

tariffs = st.builds(Tariff, block_seconds=st.integers(1, 86_400), block_price=st.integers(0, 10**6))


@pytest.mark.parametrize(("duration", "cost"), [(0, 0), (1, 10_000), (600, 10_000), (601, 20_000), (1_200, 20_000)])
def test_every_started_block_is_paid(duration: int, cost: int) -> None:
    assert Tariff().cost(duration) == cost


@given(tariffs, st.lists(st.integers(0, 10**9), max_size=20))
def test_arrays_cost_what_their_elements_cost(tariff: Tariff, durations: list[int]) -> None:
    priced = tariff.cost(np.array(durations, dtype=np.int64))
    assert priced.dtype == np.int64
    assert priced.tolist() == [tariff.cost(duration) for duration in durations]


@pytest.mark.parametrize("wrong", [{"blockSeconds": 0}, {"blockPrice": -1}, {"currency": "vnd"}])
def test_limits(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Tariff.model_validate(wrong)


@given(tariffs, st.integers(0, 10**7))
def test_the_steps_of_a_price_add_up_to_it(tariff: Tariff, duration: int) -> None:
    steps = tariff.steps(duration)
    assert sum(step.amount for step in steps) == tariff.cost(duration)
    assert all(step.amount == step.blocks * step.block_price for step in steps)


@given(tariffs.filter(lambda tariff: tariff.block_price > 0), st.integers(0, 10**7))
def test_the_next_step_is_the_first_second_that_costs_more(tariff: Tariff, duration: int) -> None:
    later = tariff.next_step(duration)
    assert later > duration
    assert tariff.cost(later) > tariff.cost(later - 1) == tariff.cost(duration)
