"""Work on whole string columns, falling back to Python only for the few distinct values that need it."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc


def map_unusual(column: pa.Array, usual: str, change: Callable[[str], str]) -> pa.Array:
    """Apply ``change`` to the strings that do not match the regular expression ``usual``.

    ``change`` is called once per distinct unusual value, so a column of usual ones costs a single vectorised match.
    """
    unusual = pc.invert(pc.match_substring_regex(column, usual))
    if not pc.any(unusual).as_py():
        return column
    encoded = column.filter(unusual).dictionary_encode()
    changed = pa.array([change(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(column, unusual, changed.take(encoded.indices))
