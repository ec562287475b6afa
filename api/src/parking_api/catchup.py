"""When the table is rebuilt: has every partition been read up to the end it had when reading began? Pure."""


class CatchUp:
    """Follows the partitions that are still behind.

    A compacted topic has gaps, and a transaction leaves control records that are never handed out, so the offset of
    the last record need not be the one before the end. Two signs count: a record at or beyond the last offset, or
    the consumer's word that it has reached the end, whichever comes first.
    """

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}
        self._behind: set[int] = set()
        self.done = False
        """True from the moment when all known partitions were first caught up with; it never goes back."""

    @property
    def partitions(self) -> int:
        """Number of partitions being read."""
        return len(self._ends)

    @property
    def behind(self) -> int:
        """Number of partitions not yet caught up with."""
        return len(self._behind)

    def __contains__(self, partition: int) -> bool:
        return partition in self._ends

    def begin(self, ends: dict[int, tuple[int, int]]) -> None:
        """Start to follow partitions, each with the lowest offset it holds and its end."""
        for partition, (low, end) in ends.items():
            self._ends[partition] = end
            if end > low:
                self._behind.add(partition)
        self._judge()

    def saw(self, partition: int, offset: int) -> None:
        """Take note of a record."""
        if partition in self._behind and offset + 1 >= self._ends[partition]:
            self.reached_end(partition)

    def reached_end(self, partition: int) -> None:
        """Take note that nothing more is to be read in a partition for now."""
        self._behind.discard(partition)
        self._judge()

    def _judge(self) -> None:
        self.done = self.done or not self._behind
