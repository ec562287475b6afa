import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.assignment import bays_of_cameras

bay_lists = st.integers(1, 200).map(lambda size: [f"A{n}" for n in range(1, size + 1)])


@given(bay_lists, st.data())
def test_every_bay_has_one_camera(bays: list[str], data: st.DataObject) -> None:
    shares = bays_of_cameras(bays, data.draw(st.integers(1, len(bays))))
    assert sorted(bay for share in shares for bay in share) == sorted(bays)
    assert all(shares)


@given(bay_lists, st.data())
def test_shares_are_even_to_a_factor_of_two(bays: list[str], data: st.DataObject) -> None:
    sizes = [len(share) for share in bays_of_cameras(bays, data.draw(st.integers(1, len(bays))))]
    assert max(sizes) <= 2 * min(sizes) + 1


@given(bay_lists.filter(lambda bays: len(bays) > 1), st.data())
def test_one_more_camera_changes_one_other(bays: list[str], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(bays) - 1))
    before, after = bays_of_cameras(bays, count), bays_of_cameras(bays, count + 1)
    changed = [camera for camera in range(count) if before[camera] != after[camera]]
    assert len(changed) == 1
    assert before[changed[0]] == after[changed[0]] + after[count]


@pytest.mark.parametrize("count", [-1, 0, 4])
def test_impossible_counts_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=rf"count: {count} cameras for 3 bays; allowed: 1 to 3"):
        bays_of_cameras(["A1", "A2", "A3"], count)
