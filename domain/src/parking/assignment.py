"""Which camera watches which bays: every bay has one camera, and one camera more moves as few bays as it can."""

import heapq
from collections.abc import Sequence


def bays_of_cameras(bays: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """Share ``bays`` among ``count`` cameras (1 ≤ count ≤ number of bays), in order, none left out.

    Each added camera takes over the second half of the fullest one's bays, so growing from n to n + 1 changes
    what a single other camera watches.
    """
    if not 1 <= count <= len(bays):
        raise ValueError(f"count: {count} cameras for {len(bays)} bays; allowed: 1 to {len(bays)}")
    shares = [tuple(bays)]
    fullest = [(-len(bays), 0)]
    while len(shares) < count:
        _, camera = heapq.heappop(fullest)
        half = (len(shares[camera]) + 1) // 2
        shares.append(shares[camera][half:])
        shares[camera] = shares[camera][:half]
        for changed in (camera, len(shares) - 1):
            heapq.heappush(fullest, (-len(shares[changed]), changed))
    return shares
